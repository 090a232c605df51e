// SPDX-License-Identifier: Apache-2.0
#include "blasx/abi/errors.hpp"

#include <dlfcn.h>
#include <link.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>

#include "blasx/abi/error_text.hpp"

// Weak: libblasx has neither. The references make a linker export the program's own, which a preloaded library finds otherwise
// only if the program was linked to export it.
extern "C" {
[[gnu::weak]] void xerbla_(const char* name, const void* position, size_t name_length);
[[gnu::weak]] void cblas_xerbla(int position, const char* name, const char* form, ...);
}

namespace blasx::abi {
namespace {

using hostblas::Face;
using FortranHandler = decltype(&xerbla_);
using CblasHandler = decltype(&cblas_xerbla);

// By [wheel][64-bit]: programs with 64-bit names may keep the plain handler, so it comes last.
constexpr const char* kFortranHandlers[2][2][3] = {
    {{"xerbla_", nullptr, nullptr}, {"xerbla_64_", "xerbla_64", "xerbla_"}},
    {{"scipy_xerbla_", "xerbla_", nullptr}, {"scipy_xerbla_64_", "xerbla_64_", "xerbla_"}}};
constexpr const char* kCblasHandlers[2][2][3] = {
    {{"cblas_xerbla", nullptr, nullptr}, {"cblas_xerbla64_", "cblas_xerbla_64", "cblas_xerbla"}},
    {{"scipy_cblas_xerbla", "cblas_xerbla", nullptr},
     {"scipy_cblas_xerbla64_", "cblas_xerbla64_", "cblas_xerbla"}}};

std::span<const char* const, 3> names_for(Face face, const char* const (&all)[2][2][3]) {
  return all[hostblas::is_wheel(face)][hostblas::is_64bit(face)];
}

const char* text_of(Name name) {
  constexpr const char* kTexts[] = {
      "gemm", "gemm3m", "gemmt", "gemmtr", "symm", "hemm",       "syrk",
      "herk", "syr2k",  "her2k", "trmm",   "trsm", "gemm_batch", "gemm_batch_strided"};
  return kTexts[static_cast<int>(name)];
}

const link_map* object_of(const void* address) {
  Dl_info info;
  void* map = nullptr;
  if (dladdr1(address, &info, &map, RTLD_DL_LINKMAP) == 0) return nullptr;
  return static_cast<const link_map*>(map);
}

// An open handle for as long as this lives; null for the program itself, which has no name.
class Handle {
 public:
  explicit Handle(const link_map* map)
      : handle_(map == nullptr || map->l_name == nullptr || *map->l_name == '\0'
                    ? nullptr
                    : dlopen(map->l_name, RTLD_LAZY | RTLD_NOLOAD)) {}
  ~Handle() {
    if (handle_ != nullptr) dlclose(handle_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  void* find(const char* name) const { return handle_ == nullptr ? nullptr : dlsym(handle_, name); }

 private:
  void* handle_;
};

// A BLAS library's own handler (libblasx_blas's, the reference's, which may end the program) is nobody's wish: only one that
// somebody put before it counts.
bool is_from_blas_library(const void* handler) {
  const link_map* map = object_of(handler);
  const Handle object(map);
  for (const char* name : {"dgemm_", "dgemm_64_", "scipy_dgemm_", "scipy_dgemm_64_"}) {
    const void* routine = object.find(name);
    if (routine != nullptr && object_of(routine) == map) return true;
  }
  return false;
}

void* wished(void* handler) {
  return handler != nullptr && !is_from_blas_library(handler) ? handler : nullptr;
}

// The whole program first, then what the caller's own library would see: Python's modules keep theirs to themselves.
void* find_handler(std::span<const char* const, 3> names, void* linked, const void* caller) {
  const Handle callers(object_of(caller));
  for (const char* name : names) {
    if (name == nullptr) break;
    const bool plain = std::strcmp(name, "xerbla_") == 0 || std::strcmp(name, "cblas_xerbla") == 0;
    for (void* found : {plain ? linked : nullptr, dlsym(RTLD_DEFAULT, name), callers.find(name)})
      if (void* handler = wished(found)) return handler;
  }
  return nullptr;
}

FortranHandler fortran_handler(const Site& site) {
  return reinterpret_cast<FortranHandler>(find_handler(
      names_for(site.face, kFortranHandlers), reinterpret_cast<void*>(&xerbla_), site.caller));
}

CblasHandler cblas_handler(const Site& site) {
  return reinterpret_cast<CblasHandler>(find_handler(
      names_for(site.face, kCblasHandlers), reinterpret_cast<void*>(&cblas_xerbla), site.caller));
}

// The reference tells its handlers through two variables that the call came from C and whether roles were swapped; programs
// that bring their own handler define and read RowMajorStrg.
class ReferenceState {
 public:
  explicit ReferenceState(bool row_major) {
    set("CBLAS_CallFromC", 1);
    set("RowMajorStrg", row_major ? 1 : 0);
  }
  ~ReferenceState() {
    set("CBLAS_CallFromC", 0);
    set("RowMajorStrg", 0);
  }
  ReferenceState(const ReferenceState&) = delete;
  ReferenceState& operator=(const ReferenceState&) = delete;

 private:
  static void set(const char* variable, int value) {
    if (auto* at = static_cast<int*>(dlsym(RTLD_DEFAULT, variable))) *at = value;
  }
};

}  // namespace

void report_argument(const Site& site, int position) noexcept {
  const ErrorName name(site.type, text_of(site.name));
  const FortranHandler fortran = fortran_handler(site);
  if (!hostblas::is_cblas(site.face)) {
    if (fortran == nullptr) return print_fortran_error(name.fortran(), position);
    const int64_t wide = position;  // read as 32 bits too, on little-endian machines
    return fortran(name.fortran().data(), &wide, name.fortran().size());
  }
  const ReferenceState state(site.row_major);
  if (fortran != nullptr) {
    const int64_t wide = position;
    return fortran(name.fortran().data(), &wide, name.fortran().size());
  }
  if (const CblasHandler cblas = cblas_handler(site))
    return cblas(position + 1, name.padded_cblas(), "");
  print_cblas_error(name.cblas(), row_major_position(position + 1, name.cblas(), site.row_major));
}

void report_enum(const Site& site, int position, const char* what, int value) noexcept {
  const ErrorName name(site.type, text_of(site.name));
  const ReferenceState state(site.row_major);
  char form[48];
  std::snprintf(form, sizeof form, "Illegal %s setting, %%d\n", what);
  if (const CblasHandler cblas = cblas_handler(site))
    return cblas(position, name.cblas(), form, value);
  print_cblas_error(name.cblas(), position);
  std::fprintf(stderr, "Illegal %s setting, %d\n", what, value);
}

}  // namespace blasx::abi
