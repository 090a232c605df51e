// SPDX-License-Identifier: Apache-2.0
#include "blasx/offload/rates.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

namespace blasx::offload {
namespace {

using hostblas::Kind;

TEST(AssumedRates, TilesOnlyForRealTrsmOnALibraryWithThreads) {
  const RateTable t = assumed_rates(Kind::OpenBlas, 2, 2);
  const auto gain = [&](Routine r, Type type) {
    return t.of(r, type).rates.cpu / t.of(r, type).rates.host;
  };
  EXPECT_GT(gain(Routine::Trsm, Type::D), 1.1);
  EXPECT_GT(gain(Routine::Trsm, Type::S), 1.1);
  EXPECT_LT(gain(Routine::Trsm, Type::Z), 1);
  EXPECT_LT(gain(Routine::Gemm, Type::D), 1);
  EXPECT_FALSE(t.of(Routine::Trsm, Type::D).measured);
}

TEST(AssumedRates, TilesForAllOnALibraryWithOneThread) {
  const RateTable t = assumed_rates(Kind::Other, 1, 8);
  EXPECT_GT(t.of(Routine::Gemm, Type::D).rates.cpu, 6 * t.of(Routine::Gemm, Type::D).rates.host);
}

TEST(RatesFile, ReadsWhatItWrote) {
  RateTable t = assumed_rates(Kind::OpenBlas, 2, 2);
  t.of(Routine::Trsm, Type::D) = {{81.5e9, 96.25e9}, true};
  t.of(Routine::Her2k, Type::C) = {{1e9, 2e9}, true};
  const std::string text = rates_text(t, "a machine");
  EXPECT_NE(text.find("# Measured rates in operations per second: a machine\n"), std::string::npos);
  EXPECT_NE(text.find("dtrsm host 8.15e+10 cpu 9.625e+10\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("dgemm"), std::string::npos) << "what was not measured is not written";
  RateTable back;
  EXPECT_EQ(parse_rates(text, back), 2);
  EXPECT_TRUE(back.of(Routine::Trsm, Type::D).measured);
  EXPECT_DOUBLE_EQ(back.of(Routine::Trsm, Type::D).rates.cpu, 96.25e9);
  EXPECT_FALSE(back.of(Routine::Gemm, Type::D).measured);
}

TEST(RatesFile, KeepsWhatGpusWere) {
  RateTable t;
  t.gpus.kernel = {5e13, 2.5e13, 4e13, 2e13};
  t.gpus.link = 5e10;
  t.gpus.memory_bytes = 7e10;
  EXPECT_EQ(rates_text(t, "a machine").find("gpus"), std::string::npos) << "assumed";
  t.gpus.measured = true;
  const std::string text = rates_text(t, "a machine");
  EXPECT_NE(text.find("\ngpus s 5e+13 d 2.5e+13 c 4e+13 z 2e+13 link 5e+10 memory 7e+10\n"),
            std::string::npos)
      << text;
  RateTable back;
  EXPECT_EQ(parse_rates(text, back), 1);
  EXPECT_TRUE(back.gpus.measured);
  EXPECT_EQ(back.gpus.kernel, t.gpus.kernel);
  EXPECT_EQ(back.gpus.link, t.gpus.link);
  EXPECT_EQ(back.gpus.memory_bytes, t.gpus.memory_bytes);
  for (const char* line :
       {"gpus", "gpus s 1 d 1 c 1 z 1 link 1", "gpus s 1 d 1 c 1 z 1 link 1 memory 0",
        "gpus d 1 s 1 c 1 z 1 link 1 memory 1"}) {
    EXPECT_EQ(parse_rates(line, back), 0) << line;
  }
  EXPECT_EQ(back.gpus.link, t.gpus.link) << "a bad line changes nothing";
}

TEST(RatesFile, LinesThatMakeNoSenseAreLeftOut) {
  RateTable t;
  for (const char* line :
       {"", "dtrsm", "dtrsm host 1e9", "dtrsm host 1e9 cpu", "dtrsm host x cpu 1e9",
        "dtrsm host -1 cpu 1", "dtrsm host 0 cpu 1", "dtrsm host nan cpu 1", "dtrsm host inf cpu 1",
        "dtrsm host 1e9 cpu 1e9 more", "dtrsm cpu 1e9 host 1e9", "qtrsm host 1e9 cpu 1e9",
        "# dtrsm host 1e9 cpu 1e9"}) {
    EXPECT_EQ(parse_rates(line, t), 0) << line;
  }
  EXPECT_EQ(parse_rates("rubbish\n  dtrsm   host 2 cpu 3  \r\n\n", t), 1);
  EXPECT_EQ(t.of(Routine::Trsm, Type::D).rates.host, 2);
}

TEST(RatesFile, NoBytesBreakTheReader) {
  std::mt19937 random(5);
  const std::string good = "dtrsm host 1e9 cpu 1e9\n";
  for (int i = 0; i < 5000; ++i) {
    std::string text = good + good;
    for (int k = 0; k < 4; ++k) text[random() % text.size()] = static_cast<char>(random());
    RateTable t;
    parse_rates(text, t);
    for (const auto& row : t.at)
      for (const RateTable::Entry& e : row) {
        if (e.measured) {
          ASSERT_TRUE(e.rates.host > 0 && e.rates.cpu > 0 && std::isfinite(e.rates.cpu));
        }
      }
  }
}

TEST(RatesFile, NameDependsOnWhatItIsFor) {
  const std::string a = rates_file_name("x"), b = rates_file_name("y");
  EXPECT_NE(a, b);
  EXPECT_EQ(a.size(), std::string("rates-0123456789abcdef.txt").size());
  EXPECT_EQ(a, rates_file_name("x"));
}

TEST(CacheFolder, FromTheSettingOrTheUsersOwn) {
  const auto none = [](const char*) -> const char* { return nullptr; };
  const auto home = [](const char* name) -> const char* {
    return std::string_view(name) == "HOME" ? "/h" : nullptr;
  };
  const auto both = [](const char* name) -> const char* {
    return std::string_view(name) == "HOME" ? "/h" : "/c";
  };
  const auto relative = [](const char*) -> const char* { return "c"; };
  EXPECT_EQ(cache_folder("", none), "");
  EXPECT_EQ(cache_folder("", home), "/h/.cache/blasx");
  EXPECT_EQ(cache_folder("", both), "/c/blasx");
  EXPECT_EQ(cache_folder("", relative), "");
  EXPECT_EQ(cache_folder("/x", both), "/x");
  EXPECT_EQ(cache_folder("off", both), "");
}

TEST(SaveFile, MakesItsFolderAndSaysWhyItCannot) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("blasx_rates_" + std::to_string(::getpid()));
  const std::string file = (folder / "a" / "b.txt").string();
  EXPECT_TRUE(save_file(file, "text\n").ok());
  EXPECT_EQ(load_file(file).value_or(""), "text\n");
  EXPECT_FALSE(save_file(file + "/c.txt", "text\n").ok());
  EXPECT_FALSE(load_file((folder / "none").string()).has_value());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace blasx::offload
