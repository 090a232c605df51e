// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/module.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <system_error>

namespace blasx::device {

const char* module_stamp() { return BLASX_MODULE_STAMP; }

std::string find_module(const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (file.find('/') != std::string::npos) return fs::exists(file, error) ? file : "";
  Dl_info own{};
  if (::dladdr(reinterpret_cast<const void*>(&module_stamp), &own) == 0 || own.dli_fname == nullptr)
    return {};
  // Where the library really is: it may be reached as libblas.so.3 through a link.
  const fs::path self = fs::canonical(own.dli_fname, error);
  if (error) return {};
  for (const fs::path& folder : {self.parent_path(), self.parent_path().parent_path()}) {
    if (fs::exists(folder / file, error)) return (folder / file).string();
  }
  return {};
}

Result<DeviceModule*> open_module(const std::string& file) {
  const std::string path = find_module(file);
  if (path.empty()) return failure(StatusCode::NotFound, file + " is not beside the library");
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    return failure(StatusCode::Unavailable, why != nullptr ? why : path + " cannot be opened");
  }
  const auto entry = reinterpret_cast<ModuleEntry>(::dlsym(library, kModuleEntry));
  DeviceModule* module = entry != nullptr ? entry(module_stamp()) : nullptr;
  if (module == nullptr)
    return failure(StatusCode::Unsupported, path + " belongs to another build of the library");
  return module;
}

}  // namespace blasx::device
