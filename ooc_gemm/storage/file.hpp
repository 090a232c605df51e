// SPDX-License-Identifier: Apache-2.0
// An open file with a matrix in it. Owns the descriptor. Reading and writing windows is safe from several
// threads at once; every refusal names the file and the byte.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string>

#include "ooc_gemm/storage/description.hpp"

namespace ooc_gemm::storage {

// What tells that a file is still the one that was opened.
struct Stamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t size_bytes = 0;
  int64_t modified_ns = 0;

  bool operator==(const Stamp&) const = default;
};

// Past the page cache, or through it. Automatic: past it, where the system can, for large files that are written and
// those of which most is not there.
enum class Way : uint8_t { Automatic, Cached, Direct };

class File {
 public:
  File() = default;
  File(File&& other) noexcept { *this = std::move(other); }
  File& operator=(File&& other) noexcept;
  ~File();

  // For reading; refused when it is shorter than its shape says.
  static Result<File> open(const Name& name, Way way = Way::Automatic);
  // For writing and reading back, made when it is not there, and locked: two runs never write one file. What it
  // holds stays.
  static Result<File> create(const Description& matrix, Way way = Way::Automatic);

  // Gives the file its size and (unless raw) its header; the blocks are taken from the disk now, so that a full one
  // is known before any work is done.
  Status lay_out(bool raw);
  // Whether it already has the size and the header that lay_out would give it.
  bool is_laid_out(bool raw);

  // `to` and `from` hold the window's lines, `ld` elements apart. What is between lines that are read is lost where it is `room`,
  // else kept.
  Status read(const Window& window, void* to, int64_t ld, bool room = false) const;
  Status write(const Window& window, const void* from, int64_t ld) const;
  // Where past a page's begin the window has to lie in memory for its lines to be read straight there, as a disk's own
  // sectors, and how many elements from line to line, so that sectors of two lines do not meet; elsewhere some are copied.
  int64_t place_offset(const Window& window) const;
  int64_t pitch(const Window& window) const;
  // Whether one thread's ring reads as fast as many threads would.
  bool is_read_by_ring() const;
  // Asks the system to begin to write to the disk, or waits until all is there.
  void start_flush() const;
  Status flush() const;

  Status check_unchanged() const;
  Result<Stamp> stamp_now() const;
  const Stamp& stamp() const { return stamp_; }
  const Description& matrix() const { return matrix_; }
  bool is_open() const { return descriptor_ >= 0; }
  bool is_direct() const { return direct_descriptor_ >= 0; }

 private:
  void choose_way(Way way);
  void open_direct(int access);
  std::string header(bool raw) const;
  int64_t line_elems() const;  // of the whole matrix
  template <typename Transfer>
  Status transfer_lines(const Window& window, int64_t ld, Transfer transfer) const;

  int descriptor_ = -1;
  int direct_descriptor_ = -1;
  int64_t direct_alignment_ = 0;
  Description matrix_;
  Stamp stamp_;
};

// Waits until the name of the file at `path` is on the disk, where its file system can do that for names alone.
Status flush_name(const std::string& path);

// "C.npy: offset 128: cannot write: No space left on device", from errno.
Status io_failure(const std::string& path, int64_t offset, const char* what, int error_number);

}  // namespace ooc_gemm::storage
