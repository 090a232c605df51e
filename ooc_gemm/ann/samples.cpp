// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "ooc_gemm/ann/idx.hpp"
#include "ooc_gemm/storage/file.hpp"
#include "ooc_gemm/storage/npy.hpp"

namespace ooc_gemm::ann {

namespace {

constexpr int64_t kSide = 28;
constexpr int kGeneratedClasses = 10;

auto refuse(const std::string& text) { return blasx::failure(StatusCode::InvalidArgument, text); }

bool is_npy(const std::string& path) { return path.ends_with(".npy"); }

Result<IdxHeader> idx_header_of(const std::string& path) {
  auto reader = GzipReader::open(path);
  if (!reader) return blasx::failure(reader.error());
  std::string prefix(kIdxPrefixBytes, '\0');
  const auto got = reader->read_some(prefix.data(), kIdxPrefixBytes);
  if (!got) return blasx::failure(got.error());
  prefix.resize(static_cast<size_t>(*got));
  return parse_idx_header(path, prefix);
}

Result<std::string> whole_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return blasx::failure(StatusCode::NotFound, path + ": cannot open");
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

template <typename T>
int64_t number_at(const char* data, int64_t index) {
  T value{};
  std::memcpy(&value, data + index * static_cast<int64_t>(sizeof(T)), sizeof(T));
  return static_cast<int64_t>(value);
}

struct LabelType {
  const char* name;
  int64_t bytes;
  int64_t (*at)(const char*, int64_t);
};
constexpr LabelType kLabelTypes[] = {
    {"|u1", 1, number_at<uint8_t>}, {"|i1", 1, number_at<int8_t>},
    {"<i4", 4, number_at<int32_t>}, {"<u4", 4, number_at<uint32_t>},
    {"<i8", 8, number_at<int64_t>}, {"<u8", 8, number_at<uint64_t>},
};

Result<std::vector<int64_t>> npy_labels(const std::string& path) {
  const auto data = whole_file(path);
  if (!data) return blasx::failure(data.error());
  const auto header_bytes = storage::npy_header_bytes(path, *data);
  if (!header_bytes) return blasx::failure(header_bytes.error());
  const auto begin = static_cast<size_t>(*header_bytes);
  if (begin > data->size()) return refuse(path + ": the file ends inside its header");
  const auto array = storage::parse_npy_array(path, std::string_view(*data).substr(0, begin));
  if (!array) return blasx::failure(array.error());
  const auto* const type =
      std::find_if(std::begin(kLabelTypes), std::end(kLabelTypes),
                   [&](const LabelType& one) { return array->type == one.name; });
  int64_t count = 1;
  for (const int64_t side : array->sides) count *= side;
  const bool is_column =
      !array->sides.empty() && (array->sides.size() == 1 || count == array->sides[0]);
  if (type == std::end(kLabelTypes) || !is_column) {
    return refuse(
        fmt::format("{}: offset {}: type '{}' in {} dimensions; labels are one column of u1, i1, "
                    "i4, u4, i8 or u8, little-endian",
                    path, array->type_at, array->type, array->sides.size()));
  }
  if (static_cast<int64_t>(data->size() - begin) < count * type->bytes) {
    return blasx::failure(
        StatusCode::IoError,
        fmt::format("{}: offset {}: the file ends here; {} labels end at {}", path, data->size(),
                    count, *header_bytes + count * type->bytes));
  }
  std::vector<int64_t> labels(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i)
    labels[static_cast<size_t>(i)] = type->at(data->data() + begin, i);
  return labels;
}

Result<std::vector<int64_t>> idx_labels(const std::string& path) {
  const auto header = idx_header_of(path);
  if (!header) return blasx::failure(header.error());
  if (header->row_bytes() != 1)
    return refuse(fmt::format("{}: offset 3: labels have one dimension", path));
  auto reader = GzipReader::open(path);
  if (!reader) return blasx::failure(reader.error());
  std::string data(static_cast<size_t>(header->header_bytes() + header->sides[0]), '\0');
  if (Status read = reader->read(data.data(), static_cast<int64_t>(data.size())); !read)
    return blasx::failure(read);
  std::vector<int64_t> labels;
  for (size_t i = static_cast<size_t>(header->header_bytes()); i < data.size(); ++i)
    labels.push_back(static_cast<unsigned char>(data[i]));
  return labels;
}

Result<std::vector<int64_t>> labels_of(const std::string& path) {
  return is_npy(path) ? npy_labels(path) : idx_labels(path);
}

}  // namespace

int64_t number_bytes(Number number) {
  switch (number) {
    case Number::Byte:
      return 1;
    case Number::F4:
      return 4;
    case Number::F8:
      return 8;
  }
  return 1;
}

std::string Source::text() const {
  const std::string name = form == Form::Generated
                               ? fmt::format("generated from seed {}", seed)
                               : fmt::format("{} and {}", samples_path, labels_path);
  return fmt::format("{} samples of {} numbers, {}", samples, width, name);
}

Result<Source> open_source(const std::string& samples_path, const std::string& labels_path) {
  Source source;
  source.samples_path = samples_path;
  source.labels_path = labels_path;
  if (is_npy(samples_path)) {
    const auto name = storage::parse_name(samples_path);
    if (!name) return blasx::failure(name.error());
    const auto file = storage::File::open(*name, storage::Way::Cached);
    if (!file) return blasx::failure(file.error());
    const storage::Description& matrix = file->matrix();
    if (storage::is_complex(matrix.element)) return refuse(samples_path + ": samples are real");
    if (matrix.order != storage::Order::C) {
      return refuse(
          samples_path +
          ": in Fortran order; numpy's ascontiguousarray puts a sample's numbers together");
    }
    source.form = Source::Form::Npy;
    source.samples = matrix.rows;
    source.width = matrix.cols;
    source.number = matrix.element == storage::Element::F4 ? Number::F4 : Number::F8;
    source.data_offset = matrix.data_offset;
  } else {
    const auto header = idx_header_of(samples_path);
    if (!header) return blasx::failure(header.error());
    source.form = Source::Form::Idx;
    source.samples = header->sides[0];
    source.width = header->row_bytes();
    source.data_offset = header->header_bytes();
  }
  const auto labels = labels_of(labels_path);
  if (!labels) return blasx::failure(labels.error());
  if (static_cast<int64_t>(labels->size()) != source.samples) {
    return refuse(fmt::format("{} has {} samples, {} has {} labels", samples_path, source.samples,
                              labels_path, labels->size()));
  }
  return source;
}

Result<Source> default_source(uint64_t seed, std::string& looked_in) {
  const char* named = std::getenv("BLASX_DATA_DIR");
  for (const std::string& folder :
       {std::string(named == nullptr ? "" : named), std::string("../shared/data")}) {
    if (folder.empty()) continue;
    const std::string stem = folder + "/mnist/t10k-";
    const std::string samples = stem + "images-idx3-ubyte.gz";
    if (std::filesystem::exists(samples))
      return open_source(samples, stem + "labels-idx1-ubyte.gz");
    looked_in += (looked_in.empty() ? "" : ", ") + folder + "/mnist";
  }
  Source source;
  source.samples = 10000;
  source.width = kSide * kSide;
  source.seed = seed;
  return source;
}

Result<std::vector<int32_t>> read_labels(const Source& source, int64_t classes) {
  std::vector<int32_t> labels(static_cast<size_t>(source.samples));
  if (source.form == Source::Form::Generated) {
    for (int64_t i = 0; i < source.samples; ++i)
      labels[static_cast<size_t>(i)] = generated_label(source, i);
    if (classes >= kGeneratedClasses) return labels;
    return refuse(fmt::format("the generated set has {} classes, the network {} outputs",
                              kGeneratedClasses, classes));
  }
  const auto read = labels_of(source.labels_path);
  if (!read) return blasx::failure(read.error());
  if (read->size() != labels.size())
    return refuse(source.labels_path + ": it was changed while it was read");
  for (size_t i = 0; i < labels.size(); ++i) {
    const int64_t label = (*read)[i];
    if (label < 0 || label >= classes) {
      return refuse(fmt::format("{}: sample {}: label {}; the network has outputs 0 to {}",
                                source.labels_path, i, label, classes - 1));
    }
    labels[i] = static_cast<int32_t>(label);
  }
  return labels;
}

int32_t generated_label(const Source& source, int64_t index) {
  std::mt19937_64 random(source.seed * 0x9E3779B97F4A7C15 + static_cast<uint64_t>(index));
  return static_cast<int32_t>(random() % kGeneratedClasses);
}

void generate_sample(const Source& source, int64_t index, unsigned char* to) {
  // Patterns of 7 x 7 patches of 4 x 4 pixels.
  constexpr int64_t kPatch = 4;
  constexpr int64_t kPatches = kSide / kPatch;
  std::mt19937_64 pattern(source.seed + 1000 +
                          static_cast<uint64_t>(generated_label(source, index)));
  std::array<int, kPatches * kPatches> patches{};
  for (int& patch : patches) patch = pattern() % 2 == 0 ? -12 : 12;
  std::mt19937_64 random(source.seed ^ (static_cast<uint64_t>(index) << 20));
  for (int64_t i = 0; i < source.width; ++i) {
    const int64_t patch = i / kSide / kPatch * kPatches + i % kSide / kPatch;
    const int noise = static_cast<int>(random() % 201) - 100;
    to[i] =
        static_cast<unsigned char>(std::clamp(patches[static_cast<size_t>(patch)] + noise, 0, 255));
  }
}

}  // namespace ooc_gemm::ann
