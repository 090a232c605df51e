// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/storage/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "ooc_gemm/storage/direct.hpp"
#include "ooc_gemm/storage/npy.hpp"

namespace ooc_gemm::storage {

namespace {

// Smaller files are in memory after the first look at them, whatever the way.
constexpr int64_t kWorthDirectBytes = 16 << 20;
// A page is written by one way only, so parts of pages at a piece's ends go through the cache; where they are more than
// one in so many bytes, the whole does.
constexpr int64_t kMostEdges = 16;

Stamp stamp_of(const struct stat& facts) {
  return {facts.st_dev, facts.st_ino, facts.st_size,
          int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec};
}

// All of [offset, offset + bytes), however the system cuts it.
template <typename Call>
Status transfer_all(const std::string& path, int64_t offset, int64_t bytes, const char* what,
                    Call call) {
  constexpr int64_t kAtOnce = int64_t{1} << 30;
  for (int64_t done = 0; done < bytes;) {
    const ssize_t moved =
        call(done, static_cast<size_t>(std::min(bytes - done, kAtOnce)), offset + done);
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0) return io_failure(path, offset + done, what, errno);
    if (moved == 0) {
      return Status(StatusCode::IoError,
                    path + ": offset " + std::to_string(offset + done) + ": the file ends here; " +
                        std::to_string(bytes - done) + " more bytes were expected");
    }
    done += moved;
  }
  return {};
}

Status read_all(int descriptor, const std::string& path, int64_t offset, int64_t bytes, char* to) {
  return transfer_all(path, offset, bytes, "cannot read",
                      [&](int64_t done, size_t count, int64_t at) {
                        return pread(descriptor, to + done, count, at);
                      });
}

}  // namespace

Status io_failure(const std::string& path, int64_t offset, const char* what, int error_number) {
  char buffer[128];
  const char* text = strerror_r(error_number, buffer, sizeof(buffer));
  return Status(error_number == ENOENT ? StatusCode::NotFound : StatusCode::IoError,
                path + ": " + (offset >= 0 ? "offset " + std::to_string(offset) + ": " : "") +
                    what + ": " + text);
}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(direct_descriptor_, other.direct_descriptor_);
  std::swap(direct_alignment_, other.direct_alignment_);
  std::swap(matrix_, other.matrix_);
  std::swap(stamp_, other.stamp_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
  if (direct_descriptor_ >= 0) close(direct_descriptor_);
}

Result<File> File::open(const Name& name, Way way) {
  File file;
  file.matrix_ = name.matrix;
  const std::string& path = file.matrix_.path;
  file.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file.descriptor_ < 0) return blasx::failure(io_failure(path, -1, "cannot open", errno));
  auto stamp = file.stamp_now();
  if (!stamp) return blasx::failure(stamp.error());
  file.stamp_ = *stamp;
  if (!name.raw) {
    std::string header(static_cast<size_t>(std::min(kNpyPrefixBytes, stamp->size_bytes)), '\0');
    const auto prefix_bytes = static_cast<int64_t>(header.size());
    if (Status read = read_all(file.descriptor_, path, 0, prefix_bytes, header.data()); !read) {
      return blasx::failure(read);
    }
    const auto header_bytes = npy_header_bytes(path, header);
    if (!header_bytes) return blasx::failure(header_bytes.error());
    if (*header_bytes > stamp->size_bytes) {
      return blasx::failure(StatusCode::IoError, path + ": offset " +
                                                     std::to_string(stamp->size_bytes) +
                                                     ": the file ends inside its header");
    }
    header.resize(static_cast<size_t>(*header_bytes));
    if (Status read = read_all(file.descriptor_, path, 0, *header_bytes, header.data()); !read) {
      return blasx::failure(read);
    }
    auto matrix = parse_npy_header(path, header);
    if (!matrix) return blasx::failure(matrix.error());
    file.matrix_ = *matrix;
  }
  const int64_t expected = file.matrix_.data_offset + file.matrix_.data_bytes();
  const bool fits = name.raw ? stamp->size_bytes == expected : stamp->size_bytes >= expected;
  if (!fits) {
    return blasx::failure(
        StatusCode::IoError,
        path + ": offset " + std::to_string(stamp->size_bytes) +
            ": the file ends here; a matrix of " + std::to_string(file.matrix_.rows) + " x " +
            std::to_string(file.matrix_.cols) + " " + element_name(file.matrix_.element) +
            " ends at " + std::to_string(expected));
  }
  file.choose_way(way);
  return file;
}

void File::choose_way(Way way) {
  if (way == Way::Cached) return;
  if (way == Way::Automatic) {
    const bool large = stamp_.size_bytes >= kWorthDirectBytes;
    if (!large || cached_share(descriptor_, stamp_.size_bytes) > 0.5) return;
  }
  open_direct(O_RDONLY);
}

void File::open_direct(int access) {
  direct_alignment_ = direct_alignment(descriptor_);
  if (direct_alignment_ == 0) return;
  // The very file that was opened, whatever has its name by now.
  const std::string same = "/proc/self/fd/" + std::to_string(descriptor_);
  direct_descriptor_ = ::open(same.c_str(), access | O_DIRECT | O_CLOEXEC);
}

Result<File> File::create(const Description& matrix, Way way) {
  File file;
  file.matrix_ = matrix;
  file.descriptor_ = ::open(matrix.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file.descriptor_ < 0)
    return blasx::failure(io_failure(matrix.path, -1, "cannot create", errno));
  if (flock(file.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    return blasx::failure(StatusCode::Unavailable, matrix.path + ": another run is writing it");
  }
  auto stamp = file.stamp_now();
  if (!stamp) return blasx::failure(stamp.error());
  file.stamp_ = *stamp;
  struct stat named {};
  if (stat(matrix.path.c_str(), &named) != 0 || named.st_ino != stamp->inode) {
    return blasx::failure(StatusCode::Unavailable,
                          matrix.path + ": another run was just writing it");
  }
  const bool large = matrix.data_bytes() >= kWorthDirectBytes;
  if (way == Way::Direct || (way == Way::Automatic && large)) file.open_direct(O_RDWR);
  return file;
}

// Data that may be written past the cache begin with a page.
std::string File::header(bool raw) const {
  if (raw) return {};
  return make_npy_header(matrix_, matrix_.data_bytes() >= kWorthDirectBytes ? kPage : 64);
}

Status File::lay_out(bool raw) {
  const std::string header = this->header(raw);
  matrix_.data_offset = static_cast<int64_t>(header.size());
  const int64_t bytes = matrix_.data_offset + matrix_.data_bytes();
  if (ftruncate(descriptor_, 0) != 0 || ftruncate(descriptor_, bytes) != 0) {
    return io_failure(matrix_.path, bytes, "cannot set the size", errno);
  }
  if (bytes > 0) {
    const int refused = posix_fallocate(descriptor_, 0, bytes);
    // A file system that cannot reserve says so; running out of room is then met at some write.
    if (refused != 0 && refused != EOPNOTSUPP && refused != EINVAL) {
      return io_failure(matrix_.path, 0,
                        ("cannot reserve " + std::to_string(bytes) + " bytes").c_str(), refused);
    }
  }
  return transfer_all(matrix_.path, 0, matrix_.data_offset, "cannot write",
                      [&](int64_t done, size_t count, int64_t at) {
                        return pwrite(descriptor_, header.data() + done, count, at);
                      });
}

bool File::is_laid_out(bool raw) {
  const std::string header = this->header(raw);
  matrix_.data_offset = static_cast<int64_t>(header.size());
  const auto stamp = stamp_now();
  if (!stamp || stamp->size_bytes != matrix_.data_offset + matrix_.data_bytes()) return false;
  std::string there(header.size(), '\0');
  return read_all(descriptor_, matrix_.path, 0, matrix_.data_offset, there.data()).ok() &&
         there == header;
}

int64_t File::place_offset(const Window& window) const {
  if (!is_direct() || direct_alignment_ > kPage) return 0;
  return line_offset(matrix_, window, 0) % direct_alignment_;
}

// Neighbours lie as far apart as in the file, but for whole sectors; where they are whole sectors apart there, too, how much of each
// line's first and last sector is others' is the same for all.
int64_t File::pitch(const Window& window) const {
  const int64_t length = window.line_elems(matrix_.order);
  const int64_t element = element_bytes(matrix_.element);
  const int64_t bytes = length * element;
  const int64_t sector = direct_alignment_;
  if (!is_direct() || sector > kPage || length == line_elems() || bytes < kLeastSectors * sector)
    return length;
  const int64_t stride = line_elems() * element;
  if (stride % sector == 0) {
    const int64_t before = line_offset(matrix_, window, 0) % sector;
    return (before + bytes + sector - 1) / sector * sector / element;
  }
  const int64_t apart = ((stride - bytes) % sector + sector) % sector;
  return (bytes + apart + sector) / element;
}

bool File::is_read_by_ring() const { return is_direct() && DirectIo::has_rings(); }

int64_t File::line_elems() const { return matrix_.order == Order::C ? matrix_.cols : matrix_.rows; }

template <typename Transfer>
Status File::transfer_lines(const Window& window, int64_t ld, Transfer transfer) const {
  if (window.elems() == 0) return {};
  const int64_t element = element_bytes(matrix_.element);
  int64_t lines = window.lines(matrix_.order);
  int64_t length = window.line_elems(matrix_.order);
  if (length == line_elems() && ld == length) {  // neighbours in the file and in memory: one piece
    length *= lines;
    lines = 1;
  }
  for (int64_t line = 0; line < lines; ++line) {
    const int64_t offset = line_offset(matrix_, window, line);
    if (Status moved = transfer(offset, length * element, line * ld * element); !moved)
      return moved;
  }
  return {};
}

Status File::read(const Window& window, void* to, int64_t ld, bool room) const {
  const auto read_cached = [&](const Piece& piece) {
    return read_all(descriptor_, matrix_.path, piece.offset, piece.bytes, piece.data);
  };
  std::vector<Piece> pieces;
  Status listed = transfer_lines(window, ld, [&](int64_t offset, int64_t bytes, int64_t place) {
    const Piece piece{offset, bytes, static_cast<char*>(to) + place, room};
    if (!is_direct()) return read_cached(piece);
    pieces.push_back(piece);
    return Status();
  });
  if (!listed || pieces.empty()) return listed;
  DirectIo& direct = DirectIo::of_this_thread();
  const std::vector<Piece> refused = direct.read(direct_descriptor_, direct_alignment_, pieces);
  if (direct.is_lost())
    return io_failure(matrix_.path, pieces.front().offset, "cannot read", ECANCELED);
  for (const Piece& piece : refused) {
    if (Status done = read_cached(piece); !done) return done;
  }
  return {};
}

Status File::write(const Window& window, const void* from, int64_t ld) const {
  const auto write_cached = [&](const Piece& piece) {
    return transfer_all(matrix_.path, piece.offset, piece.bytes, "cannot write",
                        [&](int64_t done, size_t count, int64_t at) {
                          return pwrite(descriptor_, piece.data + done, count, at);
                        });
  };
  const int64_t alignment = std::max(kPage, direct_alignment_);
  std::vector<Piece> pieces;
  Status listed = transfer_lines(window, ld, [&](int64_t offset, int64_t bytes, int64_t place) {
    // Only read, though a piece could be written to.
    char* data = const_cast<char*>(static_cast<const char*>(from)) + place;
    const int64_t head = (alignment - offset % alignment) % alignment;
    const int64_t tail = (offset + bytes) % alignment;
    if (!is_direct() || (head + tail) * kMostEdges > bytes)
      return write_cached({offset, bytes, data});
    pieces.push_back({offset + head, bytes - head - tail, data + head});
    if (Status done = write_cached({offset, head, data}); !done) return done;
    return write_cached({offset + bytes - tail, tail, data + bytes - tail});
  });
  if (!listed || pieces.empty()) return listed;
  DirectIo& direct = DirectIo::of_this_thread();
  const std::vector<Piece> refused = direct.write(direct_descriptor_, alignment, pieces);
  if (direct.is_lost())
    return io_failure(matrix_.path, pieces.front().offset, "cannot write", ECANCELED);
  for (const Piece& piece : refused) {
    if (Status done = write_cached(piece); !done) return done;
  }
  return {};
}

void File::start_flush() const { sync_file_range(descriptor_, 0, 0, SYNC_FILE_RANGE_WRITE); }

Status File::flush() const {
  if (fdatasync(descriptor_) != 0)
    return io_failure(matrix_.path, -1, "cannot write to the disk", errno);
  return {};
}

Status flush_name(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == EACCES) return {};  // names may be written there, but not listed
    return io_failure(folder, -1, "cannot open", errno);
  }
  const int error = fsync(descriptor) == 0 ? 0 : errno;
  close(descriptor);
  if (error == 0 || error == EINVAL || error == ENOTSUP) return {};
  return io_failure(folder, -1, "cannot write to the disk", error);
}

Result<Stamp> File::stamp_now() const {
  struct stat facts {};
  if (fstat(descriptor_, &facts) != 0)
    return blasx::failure(io_failure(matrix_.path, -1, "cannot look at it", errno));
  if (!S_ISREG(facts.st_mode)) {
    return blasx::failure(StatusCode::InvalidArgument, matrix_.path + ": not a regular file");
  }
  return stamp_of(facts);
}

Status File::check_unchanged() const {
  const auto now = stamp_now();
  if (!now) return now.error();
  if (*now != stamp_) {
    return Status(StatusCode::IoError,
                  matrix_.path + ": offset " +
                      std::to_string(std::min(now->size_bytes, stamp_.size_bytes)) +
                      ": it was changed while it was read (" + std::to_string(stamp_.size_bytes) +
                      " bytes then, " + std::to_string(now->size_bytes) + " now)");
  }
  return {};
}

}  // namespace ooc_gemm::storage
