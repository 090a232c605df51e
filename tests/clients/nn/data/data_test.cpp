// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numbers>
#include <set>

#include "clients/nn/data/batches.hpp"
#include "clients/nn/data/images.hpp"
#include "clients/nn/error.hpp"

namespace nn::data {
namespace {

namespace fs = std::filesystem;

std::string big_endian(std::vector<uint32_t> numbers) {
  std::string bytes;
  for (const uint32_t number : numbers)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void write(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  void write_packed(const std::string& name, const std::string& bytes) {
    gzFile file = gzopen((folder_ / name).c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
  }
  // What load() says.
  std::string refusal() {
    try {
      load(folder_);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing";
  }
  std::string idx_images(uint32_t count) {
    std::string pixels;
    for (uint32_t i = 0; i < count * 6; ++i) pixels += static_cast<char>(i % 251);
    return big_endian({0x803, count, 2, 3}) + pixels;
  }
  std::string idx_labels(uint32_t count) {
    std::string labels;
    for (uint32_t i = 0; i < count; ++i) labels += static_cast<char>(i % 4);
    return big_endian({0x801, count}) + labels;
  }
  fs::path folder_;
};

TEST_F(Folder, IdxPackedOrNotIsReadAndSplit) {
  write_packed("t10k-images-idx3-ubyte.gz", idx_images(10));
  write("t10k-labels-idx1-ubyte", idx_labels(10));
  const DataSet set = load(folder_);
  EXPECT_EQ(set.train.count(), 8);
  EXPECT_EQ(set.held_out.count(), 2);
  EXPECT_EQ(set.classes, 4);
  EXPECT_EQ(set.train.height, 2);
  EXPECT_EQ(set.train.width, 3);
  EXPECT_EQ(set.held_out.labels, (std::vector<int32_t>{0, 1}));
  // Pixels rise by 1 from one to the next, whatever the scale.
  const float unit = set.train.pixels[1] - set.train.pixels[0];
  EXPECT_NEAR(set.held_out.pixels[0] - set.train.pixels[47], unit, 1e-5);
  double sum = 0;
  double squares = 0;
  for (const float pixel : set.train.pixels) sum += pixel, squares += pixel * pixel;
  EXPECT_NEAR(sum / 48, 0, 1e-6);
  EXPECT_NEAR(squares / 48, 1, 1e-5);
}

TEST_F(Folder, TrainAndTestFilesAreBothTaken) {
  write("train-images-idx3-ubyte", idx_images(7));
  write("train-labels-idx1-ubyte", idx_labels(7));
  write("t10k-images-idx3-ubyte", idx_images(3));
  write("t10k-labels-idx1-ubyte", idx_labels(3));
  const DataSet set = load(folder_);
  EXPECT_EQ(set.train.count(), 7);
  EXPECT_EQ(set.held_out.count(), 3);
}

TEST_F(Folder, CifarRecords) {
  std::string record(3073, '\5');
  record[0] = 2;
  write("data_batch_1.bin", record + record);
  write("test_batch.bin", record);
  const DataSet set = load(folder_);
  EXPECT_EQ(set.train.count(), 2);
  EXPECT_EQ(set.train.channels, 3);
  EXPECT_EQ(set.held_out.labels[0], 2);
  write("data_batch_1.bin", record.substr(1));
  EXPECT_NE(refusal().find("data_batch_1.bin: 3072 bytes are no whole number"), std::string::npos)
      << refusal();
}

std::string npy(const std::string& type, const std::string& shape, const std::string& data) {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
  header.resize(118, ' ');
  return std::string("\x93NUMPY\1\0", 8) + std::string("\x76\0", 2) + header + data;
}

TEST_F(Folder, ArraysOfNumpy) {
  std::string pixels;
  for (int i = 0; i < 10 * 2 * 2 * 2; ++i) pixels += static_cast<char>(i);
  write("images.npy", npy("|u1", "(10, 2, 2, 2)", pixels));
  std::string labels;
  for (int64_t i = 0; i < 10; ++i) labels.append(reinterpret_cast<const char*>(&i), 8);
  write("labels.npy", npy("<i8", "(10,)", labels));
  const DataSet set = load(folder_);
  EXPECT_EQ(set.train.count(), 8);
  EXPECT_EQ(set.train.channels, 2);
  EXPECT_EQ(set.held_out.labels[1], 9);
  write("labels.npy", npy("<i8", "(10,)", labels.substr(8)));
  EXPECT_NE(refusal().find("labels.npy: 72 bytes of data where its header promises 80"),
            std::string::npos)
      << refusal();
  write("labels.npy", npy("<c8", "(10,)", labels));
  EXPECT_NE(refusal().find("type c8"), std::string::npos) << refusal();
}

TEST_F(Folder, RefusalsNameTheFile) {
  EXPECT_NE(refusal().find("no data set"), std::string::npos) << refusal();
  write("train-images-idx3-ubyte", idx_images(7));
  EXPECT_NE(refusal().find("images without labels"), std::string::npos) << refusal();
  write("train-labels-idx1-ubyte", idx_labels(6));
  EXPECT_NE(refusal().find("6 labels for 7 images"), std::string::npos) << refusal();
  write("train-labels-idx1-ubyte", idx_labels(7));
  write("train-images-idx3-ubyte", idx_images(7).substr(0, 40));
  EXPECT_NE(
      refusal().find("train-images-idx3-ubyte: 24 bytes of data where its header promises 42"),
      std::string::npos)
      << refusal();
  write("train-images-idx3-ubyte", "not an IDX file, surely");
  EXPECT_NE(refusal().find("no IDX file"), std::string::npos) << refusal();
  write_packed("packed", idx_images(700));
  std::ifstream whole(folder_ / "packed", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(whole), {}};
  fs::remove(folder_ / "train-images-idx3-ubyte");
  write("train-images-idx3-ubyte.gz", bytes.substr(0, bytes.size() / 2));
  EXPECT_NE(refusal().find("train-images-idx3-ubyte.gz"), std::string::npos) << refusal();
}

TEST(Batches, CoverAllImagesOnceAnEpochAndSplitByRank) {
  Batches batches(103, 10, 5, false);
  EXPECT_EQ(batches.per_epoch(), 10);
  std::set<int64_t> seen;
  for (int64_t b = 0; b < 10; ++b) {
    const auto whole = batches.samples(0, b, 0, 10);
    auto halves = batches.samples(0, b, 0, 5);
    const auto second = batches.samples(0, b, 5, 5);
    halves.insert(halves.end(), second.begin(), second.end());
    EXPECT_EQ(halves, whole);
    seen.insert(whole.begin(), whole.end());
  }
  EXPECT_EQ(seen.size(), 100U);
  const auto first = batches.samples(0, 0, 0, 10);
  EXPECT_NE(batches.samples(1, 0, 0, 10), first);
  EXPECT_EQ(batches.samples(0, 0, 0, 10), first);
  EXPECT_NE(Batches(103, 10, 6, false).samples(0, 0, 0, 10), first);
}

TEST(Batches, FixedOnesKeepTheirImages) {
  Batches batches(64, 8, 5, true);
  EXPECT_EQ(batches.samples(0, 3, 0, 8), batches.samples(9, 3, 0, 8));
}

TEST(Batches, WhatIsMissingDoesNotCount) {
  const DataSet set = generate(10, 1, 2, 2, 2, 1);
  std::vector<float> pixels(12);
  std::vector<int32_t> labels(3);
  gather(set.train, {4, 7}, pixels, labels);
  EXPECT_EQ(labels, (std::vector<int32_t>{0, 1, -1}));
  EXPECT_TRUE(std::equal(pixels.begin() + 4, pixels.begin() + 8, set.train.image(7)));
}

// Each class's mean image is nearly flat: nothing that a linear model could hold on to.
TEST(Generated, ClassesHaveNoMeanOfTheirOwn) {
  const DataSet set = generate(4000, 1, 12, 12, 4, 9);
  for (int32_t label = 0; label < 4; ++label) {
    std::vector<double> mean(144, 0);
    for (int64_t i = label; i < 4000; i += 4)
      for (size_t j = 0; j < 144; ++j) mean[j] += set.train.image(i)[j] / 1000.0;
    for (const double value : mean) EXPECT_LT(std::abs(value), 0.12);
  }
  EXPECT_EQ(set.train.pixels, generate(4000, 1, 12, 12, 4, 9).train.pixels);
}

TEST(Generated, SequencesTurnAtTheirClassesSpeed) {
  const DataSet set = generate_sequences(4000, 8, 2, 4, 9);
  EXPECT_EQ(set.train.height, 8);
  EXPECT_EQ(set.train.width, 2);
  for (int32_t label = 0; label < 4; ++label) {
    std::vector<double> mean(16, 0);
    double across = 0;  // of one point and the next: the sine of the angle between them
    for (int64_t i = label; i < 4000; i += 4) {
      const float* p = set.train.image(i);
      for (size_t j = 0; j < 16; ++j) mean[j] += p[j] / 1000.0;
      for (size_t step = 0; step < 7; ++step, p += 2)
        across += static_cast<double>(p[0] * p[3] - p[1] * p[2]) / 7000.0;
    }
    for (const double value : mean) EXPECT_LT(std::abs(value), 0.12);
    EXPECT_NEAR(across, std::sin(std::numbers::pi * 0.4 * (2.0 * label / 3 - 1)), 0.03) << label;
  }
  EXPECT_EQ(set.train.pixels, generate_sequences(4000, 8, 2, 4, 9).train.pixels);
}

}  // namespace
}  // namespace nn::data
