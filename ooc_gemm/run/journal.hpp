// SPDX-License-Identifier: Apache-2.0
// Which blocks of an unfinished output are written, with their checksums, in a small text file beside it. Owns that
// file. A line that was cut by a crash fails its own checksum and is as good as not there.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "common/status.hpp"

namespace ooc_gemm::run {

using blasx::Result;
using blasx::Status;
using blasx::StatusCode;

class Journal {
 public:
  // What a file holds; nothing when it is not there or not a journal's.
  struct Content {
    std::string identity;
    std::map<int64_t, uint64_t> blocks;  // ordinal -> checksum
    uint64_t renamed_inode = 0;          // the output was about to get its name
  };
  static Content read(const std::string& path);

  Journal() = default;
  Journal(Journal&& other) noexcept
      : descriptor_(other.descriptor_), path_(std::move(other.path_)) {
    other.descriptor_ = -1;
  }
  Journal& operator=(Journal&&) = delete;
  ~Journal();

  // A new journal in place of any; or one that goes on after `kept`.
  static Result<Journal> start(const std::string& path, const std::string& identity,
                               const std::map<int64_t, uint64_t>& kept);
  // From any thread.
  Status add_block(int64_t ordinal, uint64_t checksum);
  Status add_rename(uint64_t inode);

 private:
  Status append(const std::string& words);

  int descriptor_ = -1;
  std::string path_;
  std::mutex mutex_;
};

}  // namespace ooc_gemm::run
