// SPDX-License-Identifier: Apache-2.0
// Puts another host BLAS under the code for the length of a test. Owns nothing but the promise to undo it.
#pragma once

#include <dlfcn.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "blasx/config/config.hpp"
#include "blasx/hostblas/hostblas.hpp"

namespace blasx::hostblas {

class WithHost {
 public:
  WithHost() = default;
  WithHost(const WithHost&) = delete;
  WithHost& operator=(const WithHost&) = delete;
  ~WithHost() { set({}); }

  // False if the machine has no such library.
  bool use(std::string file, const std::string& file64 = "") {
    if (file == "reference") file = reference_path();
    if (file != "builtin" && !file.empty()) {
      if (void* handle = dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL); handle == nullptr)
        return false;
    }
    set({{"BLASX_HOST_BLAS", file}, {"BLASX_HOST_BLAS64", file64}});
    return true;
  }

 private:
  // Debian keeps all of them beside each other, and libblas.so.3 is whichever was chosen.
  static std::string reference_path() {
    void* handle = dlopen("libblas.so.3", RTLD_LAZY | RTLD_LOCAL);
    void* dgemm = handle != nullptr ? dlsym(handle, "dgemm_") : nullptr;
    Dl_info info;
    if (dgemm == nullptr || dladdr(dgemm, &info) == 0) return "no libblas.so.3";
    const auto chosen = std::filesystem::canonical(info.dli_fname);
    return (chosen.parent_path().parent_path() / "blas" / "libblas.so.3").string();
  }

  static void set(std::map<std::string, std::string> variables) {
    config::Sources sources;
    sources.variable = [variables](const char* name) -> std::optional<std::string> {
      const auto at = variables.find(name);
      return at == variables.end() || at->second.empty() ? std::nullopt : std::optional(at->second);
    };
    sources.read_file = [](const std::string&) -> Result<std::string> {
      return failure(StatusCode::NotFound, "no file in tests");
    };
    config::reset(sources);
    reset_for_tests();
  }
};

}  // namespace blasx::hostblas
