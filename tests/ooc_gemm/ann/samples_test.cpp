// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/samples.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <numeric>
#include <random>

#include "folder.hpp"
#include "ooc_gemm/ann/data_set.hpp"
#include "ooc_gemm/ann/idx.hpp"

namespace {

using namespace ooc_gemm::tests;  // NOLINT(google-build-using-namespace)
using ooc_gemm::ann::DataSet;
using ooc_gemm::ann::open_source;
using ooc_gemm::ann::read_labels;
using ooc_gemm::ann::Source;
using testing::HasSubstr;

// Rows in an odd order, each the same from memory and from a file.
void expect_rows(const Source& source, const std::vector<std::vector<float>>& expected) {
  const Folder work;
  for (const bool in_memory : {true, false}) {
    const auto set = DataSet::load(source, in_memory, work.path());
    ASSERT_TRUE(set.has_value()) << set.error().message();
    std::vector<int32_t> rows(expected.size());
    std::iota(rows.rbegin(), rows.rend(), 0);
    std::vector<float> got(expected.size() * static_cast<size_t>(source.width));
    const auto done = set->gather(rows.data(), static_cast<int64_t>(rows.size()), got.data());
    ASSERT_TRUE(done.ok()) << done.message();
    for (size_t i = 0; i < rows.size(); ++i) {
      for (size_t j = 0; j < static_cast<size_t>(source.width); ++j)
        EXPECT_EQ(got[i * static_cast<size_t>(source.width) + j],
                  expected[static_cast<size_t>(rows[i])][j]);
    }
  }
}

TEST(SamplesTest, IdxPackedAndPlain) {
  const Folder folder;
  const std::string samples =
      idx({3, 2, 2}, std::string("\x00\x01\x02\x03\x04\x05\xff\x07\x08\x09\x0a\x0b", 12));
  const std::string labels = idx({3}, std::string("\x00\x01\x02", 3));
  folder.write("plain", samples);
  folder.write_packed("packed.gz", samples);
  folder.write("labels", labels);
  folder.write_packed("labels.gz", labels);
  std::vector<std::vector<float>> expected;
  for (size_t row = 0; row < 3; ++row) {
    expected.emplace_back();
    for (size_t i = 0; i < 4; ++i)
      expected.back().push_back(
          static_cast<float>(static_cast<unsigned char>(samples[16 + 4 * row + i])) * (1.0F / 255));
  }
  for (const auto& [x, y] : {std::pair{"plain", "labels.gz"}, {"packed.gz", "labels"}}) {
    const auto source = open_source(folder.path(x), folder.path(y));
    ASSERT_TRUE(source.has_value()) << source.error().message();
    EXPECT_EQ(source->samples, 3);
    EXPECT_EQ(source->width, 4);
    expect_rows(*source, expected);
    EXPECT_EQ(read_labels(*source, 3).value(), (std::vector<int32_t>{0, 1, 2}));
    EXPECT_THAT(read_labels(*source, 2).error().message(),
                HasSubstr("sample 2: label 2; the network has outputs 0 to 1"));
  }
}

TEST(SamplesTest, NumpysFiles) {
  const Folder folder;
  folder.write("f8.npy", npy("<f8", "(2, 3)", bytes_of<double>({1, 2, 3, -4, 5.5, 6})));
  folder.write("f4.npy", npy("<f4", "(2, 3)", bytes_of<float>({1, 2, 3, -4, 5.5, 6})));
  folder.write("u1.npy", npy("|u1", "(2,)", bytes_of<uint8_t>({1, 0})));
  folder.write("i1.npy", npy("|i1", "(2,)", bytes_of<int8_t>({1, 0})));
  folder.write("i4.npy", npy("<i4", "(2,)", bytes_of<int32_t>({1, 0})));
  folder.write("u4.npy", npy("<u4", "(2,)", bytes_of<uint32_t>({1, 0})));
  folder.write("i8.npy", npy("<i8", "(2, 1)", bytes_of<int64_t>({1, 0})));
  folder.write("u8.npy", npy("<u8", "(2,)", bytes_of<uint64_t>({1, 0})));
  for (const char* labels : {"u1.npy", "i1.npy", "i4.npy", "u4.npy", "i8.npy", "u8.npy"}) {
    for (const char* samples : {"f4.npy", "f8.npy"}) {
      const auto source = open_source(folder.path(samples), folder.path(labels));
      ASSERT_TRUE(source.has_value()) << source.error().message();
      expect_rows(*source, {{1, 2, 3}, {-4, 5.5, 6}});
      EXPECT_EQ(read_labels(*source, 2).value(), (std::vector<int32_t>{1, 0}));
    }
  }
}

TEST(SamplesTest, WhatIsWrongIsNamed) {
  const Folder folder;
  folder.write("x", idx({3, 2}, "abcdef"));
  folder.write("y", idx({3}, std::string(3, '\0')));
  const auto refusal = [&](const char* x, const char* y) {
    const auto source = open_source(folder.path(x), folder.path(y));
    return source ? "opened" : source.error().message();
  };
  EXPECT_THAT(refusal("none", "y"), HasSubstr("none: cannot open: No such file"));
  folder.write("text", "hello, hello");
  EXPECT_THAT(refusal("text", "y"), HasSubstr("text: offset 0: not an IDX file"));
  std::string ints = idx({3, 2}, "abcdef");
  ints[2] = 12;
  folder.write("ints", ints);
  EXPECT_THAT(refusal("ints", "y"), HasSubstr("ints: offset 2: type 0xc"));
  folder.write("short", idx({3, 2}, "").substr(0, 9));
  EXPECT_THAT(refusal("short", "y"), HasSubstr("short: offset 9: the file ends inside its header"));
  folder.write("two", idx({2}, "ab"));
  EXPECT_THAT(refusal("x", "two"), testing::AllOf(HasSubstr("3 samples"), HasSubstr("2 labels")));
  folder.write("f4.npy", npy("<f4", "(3,)", std::string(12, 'x')));
  EXPECT_THAT(refusal("x", "f4.npy"), HasSubstr("labels are one column of u1"));
  folder.write("cut.npy", npy("<i4", "(3,)", std::string(11, 'x')));
  EXPECT_THAT(refusal("x", "cut.npy"), HasSubstr("cut.npy: offset 139: the file ends here"));
  std::string fortran = npy("<f4", "(3, 1)", std::string(12, 'x'));
  fortran.replace(fortran.find("False"), 5, "True ");
  folder.write("fortran.npy", fortran);
  EXPECT_THAT(refusal("fortran.npy", "y"), HasSubstr("ascontiguousarray"));
}

TEST(SamplesTest, DamagedDataIsMetWhenItIsRead) {
  const Folder folder;
  folder.write("x", idx({3, 2}, "abcde"));
  folder.write("y", idx({3}, std::string(3, '\0')));
  const auto source = open_source(folder.path("x"), folder.path("y"));
  ASSERT_TRUE(source.has_value());
  EXPECT_THAT(DataSet::load(*source, true, "").error().message(),
              HasSubstr("x: offset 17: the file ends here; 1 more bytes were expected"));
  // In place, the last row is met when it is asked for.
  const auto set = DataSet::load(*source, false, folder.path());
  ASSERT_TRUE(set.has_value());
  const int32_t row = 2;
  float to[2];
  EXPECT_THAT(set->gather(&row, 1, to).message(), HasSubstr("x: offset 17: the file ends here"));
  // Packed, then cut in its middle.
  std::mt19937 random(1);
  std::string noise;
  for (int i = 0; i < 50000; ++i) noise += static_cast<char>(random());
  folder.write_packed("x.gz", idx({25000, 2}, noise));
  folder.write("y", idx({25000}, std::string(25000, '\0')));
  folder.write("cut.gz", folder.read("x.gz").substr(0, 30000));
  const auto cut = open_source(folder.path("cut.gz"), folder.path("y"));
  ASSERT_TRUE(cut.has_value()) << cut.error().message();
  const auto refused = DataSet::load(*cut, true, "");
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), HasSubstr("cut.gz: unpacked offset"));
  EXPECT_THAT(DataSet::load(*cut, false, "/nowhere").error().message(), HasSubstr("/nowhere/"));
  // One wrong byte, which only the sum at the end tells.
  std::string wrong = folder.read("x.gz");
  wrong[wrong.size() - 7] = static_cast<char>(wrong[wrong.size() - 7] ^ 1);
  folder.write("wrong.gz", wrong);
  const auto opened = open_source(folder.path("wrong.gz"), folder.path("y"));
  ASSERT_TRUE(opened.has_value());
  EXPECT_FALSE(DataSet::load(*opened, true, "").has_value());
}

TEST(SamplesTest, GeneratedOnesAreAlwaysTheSame) {
  Source source;
  source.samples = 50;
  source.width = 784;
  source.seed = 5;
  std::vector<std::vector<float>> expected;
  std::vector<unsigned char> pixels(784);
  for (int64_t i = 0; i < 50; ++i) {
    generate_sample(source, i, pixels.data());
    expected.emplace_back();
    for (const unsigned char pixel : pixels)
      expected.back().push_back(static_cast<float>(pixel) * (1.0F / 255));
  }
  expect_rows(source, expected);
  EXPECT_EQ(read_labels(source, 10).value(), read_labels(source, 10).value());
  EXPECT_FALSE(read_labels(source, 9).has_value());
}

TEST(SamplesTest, MnistIsLookedForWhereTheVariableSays) {
  const Folder folder;
  std::filesystem::create_directory(folder.path("mnist"));
  folder.write_packed("mnist/t10k-images-idx3-ubyte.gz", idx({2, 2, 2}, "abcdefgh"));
  folder.write_packed("mnist/t10k-labels-idx1-ubyte.gz", idx({2}, std::string(2, '\1')));
  setenv("BLASX_DATA_DIR", folder.path().c_str(), 1);
  std::string looked_in;
  const auto source = ooc_gemm::ann::default_source(1, looked_in);
  unsetenv("BLASX_DATA_DIR");
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->samples, 2);
  EXPECT_EQ(looked_in, "");
}

}  // namespace
