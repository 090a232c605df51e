// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/run/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <fstream>

#include "ooc_gemm/run/hash.hpp"
#include "ooc_gemm/storage/file.hpp"

namespace ooc_gemm::run {

namespace {

std::string line_of(const std::string& words) {
  return fmt::format("{} {:016x}\n", words, hash_bytes(words.data(), words.size(), 1));
}

// The words of a line whose checksum is right.
bool words_of(const std::string& line, std::string& words) {
  if (line.size() < 18 || line[line.size() - 17] != ' ') return false;
  words = line.substr(0, line.size() - 17);
  return line_of(words) == line + '\n';
}

}  // namespace

Journal::Content Journal::read(const std::string& path) {
  Content content;
  std::ifstream file(path);
  std::string line;
  std::string words;
  while (std::getline(file, line) && words_of(line, words)) {
    int64_t ordinal = 0;
    uint64_t number = 0;
    if (words.starts_with("run ")) {
      content = {};
      content.identity = words.substr(4);
    } else if (std::sscanf(words.c_str(), "block %" SCNd64 " %" SCNx64, &ordinal, &number) ==
               2) {  // NOLINT(cert-err34-c)
      content.blocks[ordinal] = number;
    } else if (std::sscanf(words.c_str(), "rename %" SCNu64, &number) ==
               1) {  // NOLINT(cert-err34-c)
      content.renamed_inode = number;
    }
  }
  return content;
}

Journal::~Journal() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<Journal> Journal::start(const std::string& path, const std::string& identity,
                               const std::map<int64_t, uint64_t>& kept) {
  // Written whole under another name first: a run killed here loses nothing that was finished.
  const std::string fresh = path + ".new";
  Journal journal;
  journal.path_ = fresh;
  journal.descriptor_ =
      open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
  if (journal.descriptor_ < 0)
    return blasx::failure(storage::io_failure(fresh, -1, "cannot create", errno));
  Status written = journal.append("run " + identity);
  for (const auto& [ordinal, checksum] : kept) {
    if (written) written = journal.add_block(ordinal, checksum);
  }
  if (written && rename(fresh.c_str(), path.c_str()) != 0) {
    written = storage::io_failure(path, -1, "cannot create", errno);
  }
  if (!written) {
    unlink(fresh.c_str());
    return blasx::failure(written);
  }
  journal.path_ = path;
  return journal;
}

Status Journal::append(const std::string& words) {
  const std::string line = line_of(words);
  const std::lock_guard lock(mutex_);
  const ssize_t written = write(descriptor_, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) {
    return storage::io_failure(path_, -1, "cannot write", written < 0 ? errno : ENOSPC);
  }
  return {};
}

Status Journal::add_block(int64_t ordinal, uint64_t checksum) {
  return append(fmt::format("block {} {:016x}", ordinal, checksum));
}

Status Journal::add_rename(uint64_t inode) {
  if (Status added = append(fmt::format("rename {}", inode)); !added) return added;
  if (fdatasync(descriptor_) != 0)
    return storage::io_failure(path_, -1, "cannot write to the disk", errno);
  return {};
}

}  // namespace ooc_gemm::run
