// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/program_file.hpp"

#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <fstream>

#include "common/parse.hpp"

#ifndef BLASX_LIBRARY_FOLDER
#define BLASX_LIBRARY_FOLDER "lib"  // of an installation, relative to its prefix
#endif

namespace blasx::tools {
namespace {

bool is_file(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

bool can_run(const std::string& path) { return is_file(path) && ::access(path.c_str(), X_OK) == 0; }

// "#!/usr/bin/env python3 -u": the interpreter's path, or for env the name after it.
std::string interpreter_of(std::string_view first_line) {
  const auto words = parse::split(parse::trim(first_line.substr(2)), ' ');
  if (words.empty()) return {};
  std::string interpreter(words[0]);
  const bool is_env =
      interpreter.size() >= 4 && interpreter.rfind("/env") == interpreter.size() - 4;
  if (!is_env) return interpreter;
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i].empty() || words[i][0] == '-' || words[i].find('=') != std::string_view::npos)
      continue;
    const char* path_list = ::getenv("PATH");
    return find_program(std::string(words[i]), path_list != nullptr ? path_list : "").value_or("");
  }
  return {};
}

// True when the ELF file names a loader, that is when anything can be preloaded into it.
bool names_a_loader(std::ifstream& file, const Elf64_Ehdr& header) {
  for (int i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    file.seekg(
        static_cast<std::streamoff>(header.e_phoff + static_cast<size_t>(i) * header.e_phentsize));
    if (!file.read(reinterpret_cast<char*>(&segment), sizeof segment)) return true;
    if (segment.p_type == PT_INTERP) return true;
  }
  return false;
}

void check_elf(const std::string& program, std::vector<std::string>& obstacles) {
  std::ifstream file(program, std::ios::binary);
  Elf64_Ehdr header{};
  if (!file.read(reinterpret_cast<char*>(&header), sizeof header)) return;
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return;
  if (header.e_ident[EI_CLASS] != ELFCLASS64) {
    obstacles.push_back(program + " is not a 64-bit program: libblasx cannot be loaded into it");
  } else if (!names_a_loader(file, header)) {
    obstacles.push_back(program + " is statically linked: nothing can be preloaded into it");
  }
}

void check_privileges(const std::string& program, std::vector<std::string>& obstacles) {
  struct stat info {};
  if (::stat(program.c_str(), &info) != 0) return;
  const bool other_user = (info.st_mode & S_ISUID) != 0 && info.st_uid != ::geteuid();
  const bool other_group = (info.st_mode & S_ISGID) != 0 && info.st_gid != ::getegid();
  if (other_user || other_group) {
    obstacles.push_back(program + (other_user ? " is set-user-id" : " is set-group-id") +
                        ": the loader ignores LD_PRELOAD for it");
  }
}

}  // namespace

Result<std::string> find_program(const std::string& name, std::string_view path_list) {
  const auto not_found = [&] { return failure(StatusCode::NotFound, name + ": no such program"); };
  if (name.empty()) return not_found();
  std::string there_but_not_run;
  const auto try_path = [&](const std::string& path) {
    if (can_run(path)) return true;
    if (::access(path.c_str(), F_OK) == 0 && there_but_not_run.empty()) there_but_not_run = path;
    return false;
  };
  if (name.find('/') != std::string::npos) {
    if (try_path(name)) return name;
  } else {
    for (const std::string_view folder : parse::split(path_list, ':')) {
      std::string path = (folder.empty() ? "." : std::string(folder)) + '/' + name;
      if (try_path(path)) return path;
    }
  }
  if (there_but_not_run.empty()) return not_found();
  return failure(StatusCode::Unavailable, there_but_not_run + ": is not an executable file");
}

std::vector<std::string> preload_obstacles(const std::string& program) {
  std::vector<std::string> obstacles;
  std::string file_name = program;
  std::string line;
  if (std::ifstream file(program, std::ios::binary);
      std::getline(file, line) && line.rfind("#!", 0) == 0) {
    file_name = interpreter_of(line);
  }
  if (file_name.empty()) return obstacles;
  check_privileges(file_name, obstacles);
  check_elf(file_name, obstacles);
  return obstacles;
}

Result<std::string> find_library(const std::string& tool_folder) {
  std::string tried;
  for (const char* folder : {"", "/../lib", "/../" BLASX_LIBRARY_FOLDER}) {
    for (const char* name : {"/libblasx.so.0", "/libblasx.so"}) {
      const std::string path = tool_folder + folder + name;
      if (is_file(path)) return whole_path(path);
    }
    tried += (tried.empty() ? "" : ", ") + tool_folder + folder;
  }
  return failure(StatusCode::NotFound,
                 "libblasx.so is not in " + tried + "; give it with --library");
}

Result<std::string> whole_path(const std::string& path) {
  char real[PATH_MAX];
  if (::realpath(path.c_str(), real) != nullptr) return std::string(real);
  return failure(StatusCode::NotFound, path + ": " + std::strerror(errno));
}

std::string own_folder() {
  char path[PATH_MAX];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path - 1);
  if (length <= 0) return ".";
  const std::string whole(path, static_cast<size_t>(length));
  return whole.substr(0, whole.rfind('/'));
}

}  // namespace blasx::tools
