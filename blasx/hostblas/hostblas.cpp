// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/hostblas.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "blasx/config/messages.hpp"
#include "blasx/hostblas/discover.hpp"
#include "blasx/hostblas/host_threads.hpp"
#include "blasx/hostblas/names.hpp"
#include "common/forks.hpp"
#include "common/log.hpp"

namespace blasx::hostblas {

constinit FaceTable g_tables[kFaceCount];

namespace {

constexpr forks::Hooks kForkHooks{end_threads_before_fork, restore_threads_in_child};
constinit thread_local int t_inside = 0;

// Width and wheel make a group; its Fortran and CBLAS faces are one library.
constexpr int kGroupCount = 4;
constexpr int group_of(Face f) { return (is_wheel(f) ? 2 : 0) + (is_64bit(f) ? 1 : 0); }

// No lock guards these: the loader is asked while they are filled, and whoever holds the loader's lock may be calling us.
// Threads that come at the same time may both search; the first to claim wins, both write the same table.
struct Group {
  std::atomic<const Library*> claimed;
  std::atomic<const Library*> ready;
};
constinit Group g_groups[kGroupCount];
constinit std::atomic<const Library*> g_kernels{nullptr};

// Groups that found the same library share one record of it.
const Library* known(const Library& library) {
  for (const Group& group : g_groups) {
    const Library* other = group.claimed.load(std::memory_order_acquire);
    if (other != nullptr && other->handle == library.handle && other->path == library.path &&
        other->ilp64 == library.ilp64 && other->prefix == library.prefix &&
        other->fortran_suffix == library.fortran_suffix)
      return other;
  }
  return nullptr;
}

const Library* claim(Group& group, std::unique_ptr<Library> found) {
  const Library* same = known(*found);
  const Library* mine = same != nullptr ? same : found.get();
  const Library* winner = nullptr;
  if (!group.claimed.compare_exchange_strong(winner, mine, std::memory_order_acq_rel))
    return winner;
  if (same == nullptr) static_cast<void>(found.release());  // for the life of the process
  return mine;
}

Function find_function(const Library& library, bool cblas, const std::string& base) {
  if (base.empty() || library.handle == nullptr) return nullptr;
  const Spelling s{library.prefix.c_str(), library.fortran_suffix.c_str(),
                   library.cblas_suffix.c_str()};
  const std::string name = cblas ? cblas_name(s, base) : fortran_name(s, base);
  return reinterpret_cast<Function>(foreign_symbol(library.handle, name.c_str()));
}

void look_up(Library& library) {
  for (int t = 0; t < kTypeCount; ++t) {
    const Type type = static_cast<Type>(t);
    for (int r = 0; r < kRoutineCount; ++r) {
      const Routine routine = static_cast<Routine>(r);
      for (const bool cblas : {false, true}) {
        // OpenBLAS's gemmt is not used: releases up to 0.3.28 take a wrong argument more, refuse valid leading dimensions or
        // write past the end, and it runs on matrix-vector products.
        if (routine == Routine::Gemmt && library.kind == Kind::OpenBlas) continue;
        Function f = find_function(library, cblas, base_name(routine, type));
        if (f == nullptr && alias(routine) != nullptr)
          f = find_function(library, cblas, type_letter(type) + std::string(alias(routine)));
        auto& table = cblas ? library.cblas : library.fortran;
        table[static_cast<size_t>(r)][static_cast<size_t>(t)] = f;
      }
    }
  }
}

void fill(FaceTable& table, const Library& library, bool cblas) {
  for (int t = 0; t < kTypeCount; ++t) {
    const auto& functions = cblas ? library.cblas : library.fortran;
    for (int r = 0; r < kRoutineCount; ++r)
      table.routines[r][t].store(functions[static_cast<size_t>(r)][static_cast<size_t>(t)],
                                 std::memory_order_release);
    // OpenBLAS's batches of small products jump to nowhere in builds for many processors, which all packages are (OpenBLAS pull
    // request 5980): what calls libblasx gets one product after the other instead.
    if (library.kind == Kind::OpenBlas) continue;
    for (int e = 0; e < kExtensionCount; ++e) {
      const std::string base = base_name(static_cast<Extension>(e), static_cast<Type>(t));
      table.extensions[e][t].store(find_function(library, cblas, base), std::memory_order_release);
    }
  }
}

FaceTable& table_of(Face f) { return g_tables[static_cast<int>(f)]; }

}  // namespace

const char* kind_name(Kind kind) {
  constexpr const char* kNames[] = {"OpenBLAS", "BLIS", "MKL", "BLAS", "built-in BLAS"};
  return kNames[static_cast<int>(kind)];
}

const Library& resolve(Face face) {
  Group& group = g_groups[group_of(face)];
  if (const Library* ready = group.ready.load(std::memory_order_acquire)) return *ready;
  const forks::Section section;  // a child could neither finish this nor do it again
  std::unique_ptr<Library> found = discover({is_64bit(face), is_wheel(face)});
  look_up(*found);
  const Library* library = claim(group, std::move(found));
  const int fortran = static_cast<int>(face) & ~2;
  fill(table_of(static_cast<Face>(fortran)), *library, false);
  fill(table_of(static_cast<Face>(fortran | 2)), *library, true);
  const Library* none = nullptr;
  if (!library->missing)
    g_kernels.compare_exchange_strong(none, library, std::memory_order_acq_rel);
  if (!library->missing) forks::watch_again();
  forks::call(kForkHooks);
  group.ready.store(library, std::memory_order_release);
  return *library;
}

bool resolved(Face face) {
  return g_groups[group_of(face)].ready.load(std::memory_order_acquire) != nullptr;
}

const Library& kernel_library() {
  if (const Library* library = g_kernels.load(std::memory_order_acquire)) return *library;
  const Library* library = &resolve(Face::Fortran32);
  if (library->missing) library = &resolve(Face::Fortran64);
  if (library->missing) {
    static constinit log::OncePerSite once;
    if (once.first()) warn(Message::HostBlasMissing, {sought_names()});
  }
  const Library* none = nullptr;
  g_kernels.compare_exchange_strong(none, library, std::memory_order_acq_rel);
  return *g_kernels.load(std::memory_order_acquire);
}

std::vector<const Library*> libraries() {
  std::vector<const Library*> all;
  for (const Group& group : g_groups) {
    const Library* library = group.ready.load(std::memory_order_acquire);
    if (library != nullptr && std::find(all.begin(), all.end(), library) == all.end())
      all.push_back(library);
  }
  return all;
}

void* symbol(const Library& library, const std::string& name) {
  if (library.handle == nullptr) return nullptr;
  if (name.starts_with("cblas_"))
    return foreign_symbol(library.handle, (library.prefix + name + library.cblas_suffix).c_str());
  const std::string base = name.ends_with('_') ? name.substr(0, name.size() - 1) : name;
  return foreign_symbol(library.handle, (library.prefix + base + library.fortran_suffix).c_str());
}

void* host_symbol(const char* name, bool ilp64) {
  return symbol(resolve(ilp64 ? Face::Fortran64 : Face::Fortran32), name);
}

std::string fingerprint(const Library& library) {
  return std::string(kind_name(library.kind)) + "|" + library.version + "|" + library.path +
         (library.ilp64 ? "|ilp64" : "|lp64");
}

InsideGuard::InsideGuard() noexcept { ++t_inside; }
InsideGuard::~InsideGuard() { --t_inside; }
bool inside() noexcept { return t_inside > 0; }

void reset_for_tests() {
  // Whoever holds a library found earlier may go on using it: forgotten, never destroyed.
  static auto& forgotten = *new std::vector<const Library*>;
  for (Group& group : g_groups) {
    if (const Library* library = group.claimed.load()) forgotten.push_back(library);
    group.ready.store(nullptr);
    group.claimed.store(nullptr);
  }
  g_kernels.store(nullptr);
  for (FaceTable& table : g_tables) {
    for (auto& row : table.routines)
      for (auto& f : row) f.store(nullptr);
    for (auto& row : table.extensions)
      for (auto& f : row) f.store(nullptr);
  }
}

}  // namespace blasx::hostblas
