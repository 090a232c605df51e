// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/program_file.hpp"

#include <elf.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

namespace blasx::tools {
namespace {

class ProgramFile : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& content, mode_t mode) {
    const std::string path = folder_ + '/' + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << content;
    ::chmod(path.c_str(), mode);
    return path;
  }

  static std::string elf(unsigned char elf_class, uint32_t segment_type) {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = elf_class;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 1;
    Elf64_Phdr segment{};
    segment.p_type = segment_type;
    std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
    return bytes.append(reinterpret_cast<const char*>(&segment), sizeof segment);
  }

  std::string folder_ =
      std::filesystem::temp_directory_path() / ("program_file_test." + std::to_string(::getpid()));
};

TEST_F(ProgramFile, FindsAsTheShellDoes) {
  const std::string program = write("a/prog", "#!/bin/sh\n", 0755);
  write("b/prog", "#!/bin/sh\n", 0755);
  write("b/data", "x", 0644);
  const std::string path_list = folder_ + "/none:" + folder_ + "/a:" + folder_ + "/b";
  EXPECT_EQ(*find_program("prog", path_list), program);
  EXPECT_EQ(*find_program(program, ""), program);
  EXPECT_EQ(find_program("nothing", path_list).error().message(), "nothing: no such program");
  EXPECT_EQ(find_program("", path_list).error().code(), StatusCode::NotFound);
  EXPECT_EQ(find_program("data", path_list).error().code(), StatusCode::Unavailable);
  EXPECT_EQ(find_program(folder_ + "/a", "").error().code(), StatusCode::Unavailable) << "a folder";
}

TEST_F(ProgramFile, DynamicProgramsHaveNoObstacle) {
  EXPECT_TRUE(preload_obstacles("/proc/self/exe").empty());
  EXPECT_TRUE(preload_obstacles(write("d", elf(ELFCLASS64, PT_INTERP), 0755)).empty());
  EXPECT_TRUE(preload_obstacles(write("text", "not a program", 0755)).empty());
  EXPECT_TRUE(preload_obstacles(folder_ + "/none").empty());
}

TEST_F(ProgramFile, TellsWhatCannotBePreloaded) {
  const std::string fixed = write("s", elf(ELFCLASS64, PT_LOAD), 0755);
  EXPECT_EQ(
      preload_obstacles(fixed),
      std::vector<std::string>{fixed + " is statically linked: nothing can be preloaded into it"});
  const std::string narrow = write("n", elf(ELFCLASS32, PT_INTERP), 0755);
  EXPECT_EQ(preload_obstacles(narrow).size(), 1U);
  const std::string script = write("script", "#! " + fixed + " -u\n", 0755);
  EXPECT_EQ(preload_obstacles(script), preload_obstacles(fixed));
}

TEST_F(ProgramFile, SetUserId) {
  const std::string program = write("suid", elf(ELFCLASS64, PT_INTERP), 0755);
  if (::geteuid() != 0 || ::chown(program.c_str(), 12345, 12345) != 0) {
    GTEST_SKIP() << "only root can give a file to another user";
  }
  ::chmod(program.c_str(), 04755);
  EXPECT_EQ(
      preload_obstacles(program),
      std::vector<std::string>{program + " is set-user-id: the loader ignores LD_PRELOAD for it"});
}

TEST_F(ProgramFile, LibraryBesideOrInLib) {
  EXPECT_EQ(find_library(folder_ + "/bin").error().code(), StatusCode::NotFound);
  std::filesystem::create_directories(folder_ + "/bin");
  const std::string in_lib = write("lib/libblasx.so", "", 0644);
  EXPECT_EQ(*find_library(folder_ + "/bin"), std::filesystem::canonical(in_lib));
  const std::string beside = write("bin/libblasx.so.0", "", 0644);
  EXPECT_EQ(*find_library(folder_ + "/bin"), std::filesystem::canonical(beside));
}

TEST_F(ProgramFile, OwnFolderHoldsTheRunningProgram) {
  EXPECT_EQ(own_folder(), std::filesystem::read_symlink("/proc/self/exe").parent_path());
}

}  // namespace
}  // namespace blasx::tools
