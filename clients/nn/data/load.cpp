// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "clients/nn/data/files.hpp"
#include "clients/nn/error.hpp"

namespace nn::data {
namespace {

namespace fs = std::filesystem;

// The file as it is, or packed.
std::optional<fs::path> present(const fs::path& file) {
  for (const char* suffix : {"", ".gz"})
    if (fs::path path = file.string() + suffix; fs::exists(path)) return path;
  return std::nullopt;
}

std::optional<Images> idx(const fs::path& folder, const std::string& part) {
  const auto images = present(folder / (part + "-images-idx3-ubyte"));
  const auto labels = present(folder / (part + "-labels-idx1-ubyte"));
  if (!images && !labels) return std::nullopt;
  if (!images || !labels)
    throw Error(fmt::format("{}: {} without {}", folder.string(), images ? "images" : "labels",
                            images ? "labels" : "images"));
  return read_idx(*images, *labels);
}

Images part_of(const Images& all, int64_t begin, int64_t end) {
  Images part = all;
  part.pixels.assign(all.pixels.begin() + begin * all.image_elems(),
                     all.pixels.begin() + end * all.image_elems());
  part.labels.assign(all.labels.begin() + begin, all.labels.begin() + end);
  return part;
}

void split(DataSet& set, const Images& all) {
  const int64_t held_out = all.count() / 5;
  set.train = part_of(all, 0, all.count() - held_out);
  set.held_out = part_of(all, all.count() - held_out, all.count());
}

void scale(DataSet& set) {
  const int64_t plane = set.train.height * set.train.width;
  for (int64_t channel = 0; channel < set.train.channels; ++channel) {
    double sum = 0;
    double squares = 0;
    const auto each = [&](Images& images, const auto& f) {
      for (int64_t i = 0; i < images.count(); ++i) {
        float* pixels = images.pixels.data() + i * images.image_elems() + channel * plane;
        for (int64_t j = 0; j < plane; ++j) f(pixels[j]);
      }
    };
    each(set.train, [&](float pixel) {
      sum += pixel;
      squares += static_cast<double>(pixel) * pixel;
    });
    const auto count = static_cast<double>(set.train.count() * plane);
    const double mean = sum / count;
    const double deviation = std::sqrt(std::max(squares / count - mean * mean, 0.0));
    const double factor = deviation > 0 ? 1 / deviation : 1;
    for (Images* images : {&set.train, &set.held_out})
      each(*images, [&](float& pixel) { pixel = static_cast<float>((pixel - mean) * factor); });
  }
}

}  // namespace

DataSet load(const fs::path& folder) {
  if (!fs::is_directory(folder)) throw Error(fmt::format("{}: no such folder", folder.string()));
  DataSet set;
  std::vector<fs::path> batches;
  for (int i = 1; i <= 5; ++i)
    if (const auto file = present(folder / fmt::format("data_batch_{}.bin", i)))
      batches.push_back(*file);
  const auto train = idx(folder, "train");
  const auto test = idx(folder, "t10k");
  if (train && test) {
    set = {.source = "IDX files in " + folder.string(), .train = *train, .held_out = *test};
  } else if (train || test) {
    set.source = "IDX files in " + folder.string();
    split(set, train ? *train : *test);
  } else if (!batches.empty()) {
    set.source = "CIFAR batches in " + folder.string();
    if (const auto file = present(folder / "test_batch.bin")) {
      set.train = read_cifar(batches);
      set.held_out = read_cifar({*file});
    } else {
      split(set, read_cifar(batches));
    }
  } else if (fs::exists(folder / "images.npy")) {
    set.source = "arrays in " + folder.string();
    split(set, read_npy(folder / "images.npy", folder / "labels.npy"));
  } else {
    throw Error(fmt::format(
        "{}: no data set: train-images-idx3-ubyte and -labels-idx1-ubyte (or t10k-..., also .gz), "
        "data_batch_1.bin ..., or images.npy and labels.npy are accepted",
        folder.string()));
  }
  if (set.train.count() < 1 || set.held_out.count() < 1 || set.train.image_elems() < 1 ||
      set.held_out.image_elems() != set.train.image_elems())
    throw Error(fmt::format("{}: {} images to train on and {} held out, of {} and {} numbers each",
                            folder.string(), set.train.count(), set.held_out.count(),
                            set.train.image_elems(), set.held_out.image_elems()));
  for (const Images* images : {&set.train, &set.held_out})
    for (const int32_t label : images->labels) {
      if (label < 0) throw Error(fmt::format("{}: a label is {}", folder.string(), label));
      set.classes = std::max<int64_t>(set.classes, label + 1);
    }
  scale(set);
  return set;
}

}  // namespace nn::data
