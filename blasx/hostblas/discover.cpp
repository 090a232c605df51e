// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/discover.hpp"

#include <dlfcn.h>
#include <link.h>

#include <climits>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "blasx/config/config.hpp"
#include "blasx/config/messages.hpp"
#include "blasx/hostblas/thread_control.hpp"

namespace blasx::hostblas {
namespace {

constexpr const char* kFast32[] = {"libopenblas.so.0", "libopenblasp.so.0", "libblis.so.4",
                                   "libmkl_rt.so.2"};
constexpr const char* kFast64[] = {"libopenblas64.so.0", "libopenblasp64.so.0", "libblis64.so.4",
                                   "libmkl_rt.so.2"};
constexpr const char* kPlain32[] = {"libblas.so.3"};
constexpr const char* kPlain64[] = {"libblas64.so.3"};

std::span<const char* const> fast_sonames(bool ilp64) {
  return ilp64 ? std::span<const char* const>(kFast64) : std::span<const char* const>(kFast32);
}
std::span<const char* const> plain_sonames(bool ilp64) {
  return ilp64 ? std::span<const char* const>(kPlain64) : std::span<const char* const>(kPlain32);
}

const link_map* object_of(const void* address) {
  Dl_info info;
  void* map = nullptr;
  if (dladdr1(address, &info, &map, RTLD_DL_LINKMAP) == 0) return nullptr;
  return static_cast<const link_map*>(map);
}

const link_map* object_of_handle(void* handle) {
  link_map* map = nullptr;
  return dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 ? map : nullptr;
}

// Ours by address, or another library of this project (libblasx_blas beside libblasx), which exports the control API too.
bool is_ours(const link_map* map) {
  if (map == nullptr) return false;
  if (map == object_of(reinterpret_cast<const void*>(&g_tables))) return true;
  if (map->l_name == nullptr || *map->l_name == '\0') return false;
  void* handle = dlopen(map->l_name, RTLD_LAZY | RTLD_NOLOAD);
  if (handle == nullptr) return false;
  bool ours = false;
  for (const char* mark : {"blasx_version", "blasx_blas_marker"}) {
    const void* address = dlsym(handle, mark);
    ours = ours || (address != nullptr && object_of(address) == map);
  }
  dlclose(handle);
  return ours;
}

std::vector<std::string> loaded_objects() {
  std::vector<std::string> names;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* out) {
        // The program itself has no name; the loader asks us for nothing in it that RTLD_NEXT does not find.
        if (info->dlpi_name != nullptr && *info->dlpi_name != '\0')
          static_cast<std::vector<std::string>*>(out)->emplace_back(info->dlpi_name);
        return 0;
      },
      &names);
  return names;
}

std::string real_path(const link_map* map) {
  if (map == nullptr || map->l_name == nullptr) return {};
  char resolved[PATH_MAX];
  return realpath(map->l_name, resolved) != nullptr ? resolved : map->l_name;
}

using TextFunction = const char* (*)();

std::string call_for_text(void* function) {
  if (function == nullptr) return {};
  const char* text = reinterpret_cast<TextFunction>(function)();
  std::string_view all = text != nullptr ? text : "";
  while (!all.empty() && (all.back() == ' ' || all.back() == '\n')) all.remove_suffix(1);
  return std::string(all);
}

void identify(Library& library) {
  void* handle = library.handle;
  const std::string prefix = library.prefix;
  for (const std::string& suffix : {std::string(), library.cblas_suffix}) {
    void* config = foreign_symbol(handle, (prefix + "openblas_get_config" + suffix).c_str());
    if (config == nullptr) continue;
    library.kind = Kind::OpenBlas;
    library.version = call_for_text(config);
    return;
  }
  if (void* version = foreign_symbol(handle, "bli_info_get_version_str")) {
    library.kind = Kind::Blis;
    library.version = "BLIS " + call_for_text(version);
    return;
  }
  if (void* version = foreign_symbol(handle, "mkl_get_version_string")) {
    char text[200] = {};
    reinterpret_cast<void (*)(char*, int)>(version)(text, static_cast<int>(sizeof text) - 1);
    library.kind = Kind::Mkl;
    library.version = text;
    return;
  }
  library.kind = Kind::Other;
  // Debian's libblas.so.3 of BLIS keeps its own names to itself.
  if (library.path.find("/blis") != std::string::npos) library.kind = Kind::Blis;
}

Width width_of(void* handle, const Spelling& s) {
  const Width width = fortran_width(foreign_symbol(handle, fortran_name(s, "isamax").c_str()));
  if (width != Width::Unknown) return width;
  return cblas_width(foreign_symbol(handle, cblas_name(s, "isamax").c_str()));
}

// Among the objects already loaded. `fast` takes only the well-known kinds.
std::unique_ptr<Library> in_process(bool ilp64, std::span<const Spelling> spelled, bool fast) {
  for (const std::string& name : loaded_objects()) {
    void* handle = open_library(name, true);
    if (handle == nullptr) continue;
    std::unique_ptr<Library> found = examine(handle, true, ilp64, spelled, nullptr);
    if (found != nullptr && (!fast || found->kind != Kind::Other)) {
      found->how = "in the process";
      return found;
    }
    dlclose(handle);
  }
  return nullptr;
}

std::unique_ptr<Library> by_soname(std::span<const char* const> names, bool ilp64) {
  for (const char* name : names) {
    void* handle = open_library(name, false);
    if (handle == nullptr) continue;
    if (auto found = examine(handle, false, ilp64, spellings(ilp64), nullptr)) {
      found->how = "by soname";
      return found;
    }
    dlclose(handle);
  }
  return nullptr;
}

std::unique_ptr<Library> next_in_order(bool ilp64) {
  for (const Spelling& s : spellings(ilp64)) {
    void* function = foreign_symbol(RTLD_NEXT, fortran_name(s, "dgemm").c_str());
    const link_map* map = object_of(function);
    if (function == nullptr || map == nullptr || map->l_name == nullptr || *map->l_name == '\0')
      continue;
    void* handle = open_library(map->l_name, true);
    if (handle == nullptr) continue;
    if (auto found = examine(handle, false, ilp64, {&s, 1}, nullptr)) {
      found->how = "next in the loader's order";
      return found;
    }
    dlclose(handle);
  }
  return nullptr;
}

std::unique_ptr<Library> builtin(bool ilp64, std::string how) {
  auto library = std::make_unique<Library>();
  library->ilp64 = ilp64;
  library->path = "builtin";
  library->how = std::move(how);
  library->threads = find_thread_control(*library);
  return library;
}

std::unique_ptr<Library> named_by_user(bool ilp64) {
  const auto settings = config::current();
  const std::string& file = ilp64 ? settings->values().host_blas64 : settings->values().host_blas;
  const char* variable = ilp64 ? "BLASX_HOST_BLAS64" : "BLASX_HOST_BLAS";
  if (file.empty()) return nullptr;
  if (file == "builtin") return builtin(ilp64, variable);
  void* handle = open_library(file, false);
  if (handle == nullptr) {
    const char* reason = dlerror();
    warn(Message::HostBlasRefused,
         {variable, file, reason != nullptr ? reason : "cannot be opened"});
    return nullptr;
  }
  std::string refusal;
  auto found = examine(handle, false, ilp64, spellings(ilp64), &refusal);
  if (found == nullptr) found = examine(handle, false, ilp64, wheel_spellings(ilp64), nullptr);
  if (found != nullptr) {
    found->how = variable;
    return found;
  }
  if (is_ours(object_of_handle(handle)))
    warn(Message::HostBlasIsOurselves, {file});
  else
    warn(Message::HostBlasRefused, {variable, file, refusal});
  dlclose(handle);
  return nullptr;
}

}  // namespace

void* open_library(const std::string& file, bool only_if_loaded) {
  return dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL | (only_if_loaded ? RTLD_NOLOAD : 0));
}

void* foreign_symbol(void* handle, const char* name) {
  void* address = dlsym(handle, name);
  return address == nullptr || is_ours(object_of(address)) ? nullptr : address;
}

Width fortran_width(void* isamax) {
  if (isamax == nullptr) return Width::Unknown;
  using Isamax = int64_t (*)(const int64_t*, const float*, const int64_t*);
  const int64_t n = static_cast<int64_t>(0xffffffff00000003ULL);
  const float x[3] = {1, 2, 3};
  const int64_t incx = 1;
  // The upper half of a 32-bit result is not defined.
  const auto at = static_cast<int32_t>(reinterpret_cast<Isamax>(isamax)(&n, x, &incx));
  return at == 3 ? Width::Lp64 : at == 0 ? Width::Ilp64 : Width::Unknown;
}

Width cblas_width(void* cblas_isamax) {
  if (cblas_isamax == nullptr) return Width::Unknown;
  using Isamax = uint64_t (*)(int64_t, const float*, int64_t);
  const float x[3] = {1, 2, 3};
  const auto at = static_cast<uint32_t>(
      reinterpret_cast<Isamax>(cblas_isamax)(static_cast<int64_t>(0xffffffff00000003ULL), x, 1));
  return at == 2 ? Width::Lp64 : at == 0 ? Width::Ilp64 : Width::Unknown;
}

std::unique_ptr<Library> examine(void* handle, bool own, bool ilp64,
                                 std::span<const Spelling> spelled, std::string* refusal) {
  if (refusal != nullptr) *refusal = "it has no dgemm_";
  bool other_width = false;  // shown by one spelling: then names that show nothing are of it too
  for (const Spelling& s : spelled) {
    void* function = foreign_symbol(handle, fortran_name(s, "dgemm").c_str());
    if (function == nullptr) function = foreign_symbol(handle, cblas_name(s, "dgemm").c_str());
    if (function == nullptr) continue;
    if (own && object_of(function) != object_of_handle(handle)) continue;
    const Width width = width_of(handle, s);
    const bool is64 = width == Width::Unknown
                          ? std::string_view(s.fortran_suffix).find("64") != std::string_view::npos
                          : width == Width::Ilp64;
    other_width = other_width || (width != Width::Unknown && is64 != ilp64);
    if (is64 != ilp64 || (width == Width::Unknown && other_width)) {
      if (refusal != nullptr)
        *refusal = !ilp64 ? "it has 64-bit integers, 32 were expected"
                          : "it has 32-bit integers, 64 were expected";
      continue;
    }
    auto library = std::make_unique<Library>();
    library->ilp64 = ilp64;
    library->handle = handle;
    library->prefix = s.prefix;
    library->fortran_suffix = s.fortran_suffix;
    library->cblas_suffix = s.cblas_suffix;
    library->path = real_path(object_of(function));
    identify(*library);
    library->threads = find_thread_control(*library);
    return library;
  }
  return nullptr;
}

std::string sought_names() {
  std::string names;
  for (const bool ilp64 : {false, true}) {
    for (const char* name : fast_sonames(ilp64)) names += std::string(name) + ", ";
    for (const char* name : plain_sonames(ilp64)) names += std::string(name) + ", ";
  }
  return names + "the libraries of this process";
}

std::unique_ptr<Library> discover(Wanted wanted) {
  const bool ilp64 = wanted.ilp64;
  if (auto found = named_by_user(ilp64)) return found;
  if (wanted.wheel) {
    if (auto found = in_process(ilp64, wheel_spellings(ilp64), false)) return found;
  }
  if (auto found = in_process(ilp64, spellings(ilp64), true)) return found;
  if (auto found = in_process(ilp64, wheel_spellings(ilp64), true)) return found;
  if (auto found = by_soname(fast_sonames(ilp64), ilp64)) return found;
  if (auto found = in_process(ilp64, spellings(ilp64), false)) return found;
  if (auto found = by_soname(plain_sonames(ilp64), ilp64)) return found;
  if (auto found = next_in_order(ilp64)) return found;
  auto library = builtin(ilp64, "nothing else was found");
  library->missing = true;
  return library;
}

}  // namespace blasx::hostblas
