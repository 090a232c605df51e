// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/data_set.hpp"

#include <algorithm>
#include <cstring>
#include <functional>

#include "ooc_gemm/ann/idx.hpp"

namespace ooc_gemm::ann {

namespace {

// Calls `take(sample, rows, data)` for all samples in turn, some at a time.
Status for_each_part(const Source& source,
                     const std::function<Status(int64_t, int64_t, const char*)>& take) {
  const int64_t row = source.row_bytes();
  const int64_t at_once = std::clamp<int64_t>((1 << 20) / std::max<int64_t>(row, 1), 1, 4096);
  std::vector<char> part(static_cast<size_t>(at_once * row));
  std::vector<GzipReader> reader;
  if (source.form != Source::Form::Generated) {
    auto opened = GzipReader::open(source.samples_path);
    if (!opened) return opened.error();
    reader.push_back(std::move(*opened));
    std::vector<char> header(static_cast<size_t>(source.data_offset));
    if (Status read = reader[0].read(header.data(), source.data_offset); !read) return read;
  }
  for (int64_t first = 0; first < source.samples; first += at_once) {
    const int64_t count = std::min(at_once, source.samples - first);
    if (reader.empty()) {
      for (int64_t i = 0; i < count; ++i)
        generate_sample(source, first + i, reinterpret_cast<unsigned char*>(part.data() + i * row));
    } else if (Status read = reader[0].read(part.data(), count * row); !read) {
      return read;
    }
    if (Status taken = take(first, count, part.data()); !taken) return taken;
  }
  if (reader.empty()) return {};
  // A packed file's checksum comes after its last byte.
  const auto end = reader[0].read_some(part.data(), 1);
  return end ? Status() : end.error();
}

template <typename T>
void convert(const char* from, int64_t count, float scale, float* to) {
  for (int64_t i = 0; i < count; ++i) {
    T value{};
    std::memcpy(&value, from + i * static_cast<int64_t>(sizeof(T)), sizeof(T));
    to[i] = static_cast<float>(value) * scale;
  }
}

Result<bool> can_be_read_in_place(const Source& source) {
  if (source.form == Source::Form::Generated) return false;
  if (source.form == Source::Form::Npy) return true;
  const auto reader = GzipReader::open(source.samples_path);
  if (!reader) return blasx::failure(reader.error());
  return reader->is_plain();
}

}  // namespace

Result<DataSet> DataSet::load(const Source& source, bool in_memory,
                              const std::string& work_folder) {
  DataSet set;
  set.source_ = source;
  const int64_t row = source.row_bytes();
  if (in_memory) {
    set.memory_.resize(static_cast<size_t>(source.samples * row));
    Status done = for_each_part(source, [&](int64_t first, int64_t count, const char* data) {
      std::memcpy(set.memory_.data() + first * row, data, static_cast<size_t>(count * row));
      return Status();
    });
    if (!done) return blasx::failure(done);
    return set;
  }
  const auto in_place = can_be_read_in_place(source);
  if (!in_place) return blasx::failure(in_place.error());
  if (*in_place) {
    auto file = RowFile::open(source.samples_path);
    if (!file) return blasx::failure(file.error());
    set.file_ = std::move(*file);
    set.offset_ = source.data_offset;
    return set;
  }
  auto file = RowFile::scratch(work_folder, "samples", source.samples * row);
  if (!file) return blasx::failure(file.error());
  set.file_ = std::move(*file);
  Status done = for_each_part(source, [&](int64_t first, int64_t count, const char* data) {
    return set.file_.write(first * row, data, count * row);
  });
  if (!done) return blasx::failure(done);
  return set;
}

Status DataSet::gather(const int32_t* rows, int64_t count, float* to) const {
  const int64_t row = source_.row_bytes();
  std::vector<char> one(static_cast<size_t>(file_.is_open() ? row : 0));
  for (int64_t i = 0; i < count; ++i) {
    const char* from = one.data();
    if (!file_.is_open()) {
      from = memory_.data() + rows[i] * row;
    } else if (Status read = file_.read(offset_ + rows[i] * row, one.data(), row); !read) {
      return read;
    }
    float* sample = to + i * source_.width;
    switch (source_.number) {
      case Number::Byte:
        convert<unsigned char>(from, source_.width, 1.0F / 255, sample);
        break;
      case Number::F4:
        convert<float>(from, source_.width, 1, sample);
        break;
      case Number::F8:
        convert<double>(from, source_.width, 1, sample);
        break;
    }
  }
  return {};
}

}  // namespace ooc_gemm::ann
