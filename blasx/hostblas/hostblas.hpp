// SPDX-License-Identifier: Apache-2.0
// The BLAS libraries underneath: which one answers the callers of which names, and its functions. The state (a table of
// function pointers and the libraries found) is owned by hostblas.cpp, filled at first use and never taken back.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "blasx/tile/call.hpp"

namespace blasx::hostblas {

// The names a caller used, which fix the function's arguments. Calls are forwarded like to like, because some libraries
// implement one kind by calling another by name. Wheel: the prefixed names (scipy_dgemm_, scipy_cblas_dgemm64_) that the
// wheels of NumPy and SciPy bind to; they are answered by the library in the process that exports them.
enum class Face : uint8_t {
  Fortran32,
  Fortran64,
  Cblas32,
  Cblas64,
  WheelFortran32,
  WheelFortran64,
  WheelCblas32,
  WheelCblas64,
};
inline constexpr int kFaceCount = 8;
constexpr bool is_cblas(Face f) { return (static_cast<int>(f) & 2) != 0; }
constexpr bool is_64bit(Face f) { return (static_cast<int>(f) & 1) != 0; }
constexpr bool is_wheel(Face f) { return (static_cast<int>(f) & 4) != 0; }

// Cast to the routine's own type by whoever calls it.
using Function = void (*)();

// Extensions with arguments of their own.
enum class Extension : uint8_t { GemmBatch, GemmBatchStrided };
inline constexpr int kExtensionCount = 2;

struct FaceTable {
  std::atomic<Function> routines[kRoutineCount][kTypeCount];
  std::atomic<Function> extensions[kExtensionCount][kTypeCount];
};
extern constinit FaceTable g_tables[kFaceCount];

// Null before resolve(face), and after it where the library has no such function (gemmt: OpenBLAS's is not used; everything
// where there is no library of that integer width): then run_call of kernels.hpp does it. No lock, no call.
inline Function function(Face face, Routine r, Type t) {
  return g_tables[static_cast<int>(face)].routines[static_cast<int>(r)][static_cast<int>(t)].load(
      std::memory_order_acquire);
}
inline Function function(Face face, Extension e, Type t) {
  return g_tables[static_cast<int>(face)].extensions[static_cast<int>(e)][static_cast<int>(t)].load(
      std::memory_order_acquire);
}

enum class Kind : uint8_t { OpenBlas, Blis, Mkl, Other, Builtin };
const char* kind_name(Kind kind);  // "OpenBLAS", ...

// How many threads a library uses, and whether that can be changed.
struct ThreadControl;

// Found once and never freed.
struct Library {
  Kind kind = Kind::Builtin;
  bool ilp64 = false;
  std::string path;     // of the file it was loaded from; "builtin"
  std::string version;  // as the library tells it, may be empty
  std::string how;      // "BLASX_HOST_BLAS", "in the process", "by soname", "next"
  void* handle = nullptr;
  std::string prefix, fortran_suffix, cblas_suffix;  // how it spells its names
  std::shared_ptr<const ThreadControl> threads;      // never null after discovery
  bool missing = false;                              // built-in because nothing else was found
  std::array<std::array<Function, kTypeCount>, kRoutineCount> fortran{};
  std::array<std::array<Function, kTypeCount>, kRoutineCount> cblas{};
};

// The symbol in this library as it spells it, null where it has none or where it is one of our own. `name` is the reference's:
// "ddot_", "cblas_ddot".
void* symbol(const Library& library, const std::string& name);

// Finds the library for a face and fills its table: once, any thread; afterwards it costs one load. Never called at load time.
const Library& resolve(Face face);
bool resolved(Face face);
// For calls in normal form, of either width: the first one any face resolved to, else that of Fortran32. Warns once where there is
// none at all and the built-in BLAS does the work.
const Library& kernel_library();
// Those found so far, each once.
std::vector<const Library*> libraries();

// Levels 1 and 2: symbol() in the library that answers Fortran32 or Fortran64.
void* host_symbol(const char* name, bool ilp64);

// Text that tells two host BLASes (and versions of one) apart, for files of measured rates.
std::string fingerprint(const Library& library);

// Threads the library would use for one call of the program; 1 where unknown. Not changed by ScopedSingleThread.
int thread_count(const Library& library);
bool thread_count_is_controlled(const Library& library);

// Marks the calling thread as inside the library: level-3 calls that the host BLAS makes by name come back to us and must go
// straight on. Nests.
class InsideGuard {
 public:
  InsideGuard() noexcept;
  ~InsideGuard();
  InsideGuard(const InsideGuard&) = delete;
  InsideGuard& operator=(const InsideGuard&) = delete;
};
bool inside() noexcept;

// Forgets what was found, so that the next resolve() looks again. Tests only, and only with no call under way.
void reset_for_tests();

}  // namespace blasx::hostblas
