// SPDX-License-Identifier: Apache-2.0
#include "blasx/config/config.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "common/log.hpp"

namespace blasx::config {
namespace {

struct World {
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;

  Sources sources() const {
    Sources s;
    s.variable = [*this](const char* name) -> std::optional<std::string> {
      const auto at = variables.find(name);
      if (at == variables.end()) return std::nullopt;
      return at->second;
    };
    for (const auto& [name, value] : variables) s.variable_names.push_back(name);
    s.read_file = [*this](const std::string& path) -> Result<std::string> {
      const auto at = files.find(path);
      if (at == files.end()) return failure(StatusCode::NotFound, "no such file");
      return at->second;
    };
    return s;
  }
};

using Lines = std::vector<std::string>;

Settings load_from(const World& world, Lines& warnings) { return load(world.sources(), warnings); }

TEST(Config, EveryDefaultIsAccepted) {
  const Settings settings;
  Settings probe;
  for (size_t i = 0; i < options().size(); ++i) {
    EXPECT_TRUE(probe.set(i, options()[i].default_text, Origin::Default, "")) << options()[i].name;
    EXPECT_EQ(settings.text(i), options()[i].default_text);
    EXPECT_EQ(settings.where(i), "default");
  }
  EXPECT_EQ(settings.values().streams, 4);
  EXPECT_FALSE(settings.values().tile.has_value());
  EXPECT_FALSE(settings.values().threshold.has_value());
}

TEST(Config, EveryOptionIsDocumented) {
  for (const OptionInfo& option : options()) {
    const std::string meaning = option.meaning;
    EXPECT_GT(meaning.size(), 20U) << option.name;
    EXPECT_EQ(meaning.back(), '.') << option.name;
    EXPECT_STRNE(option.accepted, "") << option.name;
    EXPECT_EQ(std::string(option.variable), std::string("BLASX_") + option.name);
  }
}

TEST(Config, NamesInEverySpelling) {
  const auto tile = find_option("TILE");
  ASSERT_TRUE(tile.has_value());
  EXPECT_EQ(find_option("tile"), tile);
  EXPECT_EQ(find_option(" BLASX_TILE "), tile);
  EXPECT_EQ(find_option("blasx_tile"), tile);
  EXPECT_FALSE(find_option("BLASX_").has_value());
  EXPECT_FALSE(find_option("tiles").has_value());
}

TEST(Config, EnvironmentBeatsFileBeatsDefault) {
  World world;
  world.variables = {{"HOME", "/h"}, {"BLASX_TILE", "64"}};
  world.files = {{"/h/.config/blasx/blasx.conf", "tile = 128\nBLASX_STREAMS=2 # two\n\n# end\n"}};
  Lines warnings;
  const Settings settings = load_from(world, warnings);
  EXPECT_EQ(warnings, Lines{});
  EXPECT_EQ(settings.values().tile, 64);
  EXPECT_EQ(settings.where(*find_option("TILE")), "BLASX_TILE");
  EXPECT_EQ(settings.values().streams, 2);
  EXPECT_EQ(settings.where(*find_option("STREAMS")), "/h/.config/blasx/blasx.conf:2");
  EXPECT_EQ(settings.origin(*find_option("STREAMS")), Origin::File);
  EXPECT_EQ(settings.origin(*find_option("VERBOSE")), Origin::Default);
}

TEST(Config, FilesInOrder) {
  World world;
  world.variables = {{"HOME", "/h"}, {"XDG_CONFIG_HOME", "/x"}};
  world.files = {{"/x/blasx/blasx.conf", "tile=8"},
                 {"/h/.config/blasx/blasx.conf", "tile=9"},
                 {"/etc/blasx.conf", "tile=10\nstreams=1"},
                 {"/named", "tile=11"}};
  Lines warnings;
  EXPECT_EQ(load_from(world, warnings).values().tile, 8);
  world.files.erase("/x/blasx/blasx.conf");
  EXPECT_EQ(load_from(world, warnings).values().tile, 10);
  world.variables["BLASX_CONFIG"] = "/named";
  const Settings named = load_from(world, warnings);
  EXPECT_EQ(named.values().tile, 11);
  EXPECT_EQ(named.values().streams, 4);
  EXPECT_EQ(warnings, Lines{});
}

TEST(Config, BadValueGivesOneLineAndKeepsWhatWasThere) {
  World world;
  world.variables = {{"BLASX_TILE", "17x"}, {"BLASX_STREAMS", "99"}};
  world.files = {{"/etc/blasx.conf", "streams = 2"}};
  Lines warnings;
  const Settings settings = load_from(world, warnings);
  EXPECT_EQ(warnings, (Lines{"BLASX_TILE=17x: not a number; accepted auto or 8..16384; using auto",
                             "BLASX_STREAMS=99: too large; accepted 1..16; using 2"}));
  EXPECT_EQ(settings.values().streams, 2);
}

TEST(Config, FileErrorsNameTheLine) {
  World world;
  world.files = {{"/etc/blasx.conf", "tile = 8\nfoo = 1\njust words\nverbose=7\nconfig=/x\n= 3\n"}};
  Lines warnings;
  const Settings settings = load_from(world, warnings);
  EXPECT_EQ(settings.values().tile, 8);
  EXPECT_EQ(
      warnings,
      (Lines{"/etc/blasx.conf:2: foo: no such setting; `blasx-info --variables` lists them",
             "/etc/blasx.conf:3: not of the form `name = value`: just words; line ignored",
             "/etc/blasx.conf:4: verbose=7: too large; accepted 0..2; using 0",
             "/etc/blasx.conf:5: config: no such setting; `blasx-info --variables` lists them",
             "/etc/blasx.conf:6: not of the form `name = value`: = 3; line ignored"}));
}

TEST(Config, NamedFileMustBeThere) {
  World world;
  world.variables = {{"BLASX_CONFIG", "/nowhere"}};
  Lines warnings;
  load_from(world, warnings);
  EXPECT_EQ(warnings, Lines{"/nowhere: cannot read the configuration file: no such file; going on "
                            "without it"});
}

TEST(Config, MisspeltVariablesOnlyWhenNear) {
  World world;
  world.variables = {{"BLASX_DEVICE", "cpu"}, {"BLASX_ROOT", "/opt"}, {"BLASX_TILES", "8"}};
  Lines warnings;
  load_from(world, warnings);
  EXPECT_EQ(warnings, (Lines{"BLASX_DEVICE: no such variable; did you mean BLASX_DEVICES?",
                             "BLASX_TILES: no such variable; did you mean BLASX_TILE?"}));
}

TEST(Config, EmptyVariableCountsAsUnset) {
  World world;
  world.variables = {{"BLASX_TILE", " "}, {"BLASX_CONFIG", ""}};
  Lines warnings;
  EXPECT_FALSE(load_from(world, warnings).values().tile.has_value());
  EXPECT_EQ(warnings, Lines{});
}

class ProcessConfig : public ::testing::Test {
 protected:
  void SetUp() override {
    log::set_sink([](log::Level, std::string_view line,
                     void* context) { static_cast<Lines*>(context)->emplace_back(line); },
                  &lines_);
  }
  void TearDown() override {
    log::set_sink(nullptr, nullptr);
    log::set_verbosity(0);
    reset(World{}.sources());
  }
  Lines lines_;
};

TEST_F(ProcessConfig, LoadsOnceAndWarnsOnce) {
  World world;
  world.variables = {{"BLASX_TILE", "x"}, {"BLASX_VERBOSE", "1"}};
  reset(world.sources());
  EXPECT_FALSE(loaded());
  const auto first = current();
  EXPECT_EQ(current(), first);
  EXPECT_TRUE(loaded());
  EXPECT_EQ(lines_.size(), 1U);
  EXPECT_EQ(log::verbosity(), 1);
}

TEST_F(ProcessConfig, ProgramBeatsEnvironment) {
  World world;
  world.variables = {{"BLASX_TILE", "64"}};
  reset(world.sources());
  const auto before = current();
  const uint64_t generation_before = generation();
  EXPECT_TRUE(set("tile", "128"));
  EXPECT_EQ(current()->values().tile, 128);
  EXPECT_EQ(current()->where(*find_option("TILE")), "blasx_set");
  EXPECT_EQ(before->values().tile, 64) << "snapshots do not change";
  EXPECT_GT(generation(), generation_before);
}

TEST_F(ProcessConfig, SetTellsWhatIsWrong) {
  reset(World{}.sources());
  EXPECT_EQ(set("tile", "7"), Status(StatusCode::InvalidArgument,
                                     "TILE=7: too small; accepted auto or 8..16384; using auto"));
  EXPECT_EQ(set("colour", "red").code(), StatusCode::NotFound);
  EXPECT_EQ(lines_, Lines{}) << "the caller has the status; stderr stays quiet";
}

TEST_F(ProcessConfig, StartupOptionsCloseAtTheFirstCall) {
  reset(World{}.sources());
  EXPECT_TRUE(set("streams", "2"));
  close_startup();
  EXPECT_EQ(set("streams", "3").code(), StatusCode::Unavailable);
  EXPECT_EQ(current()->values().streams, 2);
  EXPECT_TRUE(set("threshold", "16"));
}

TEST(SystemSources, ReadsEnvironmentAndFiles) {
  ASSERT_EQ(::setenv("BLASX_TILE", "32", 1), 0);
  const Sources sources = system_sources();
  EXPECT_EQ(sources.variable("BLASX_TILE"), "32");
  EXPECT_NE(std::find(sources.variable_names.begin(), sources.variable_names.end(), "BLASX_TILE"),
            sources.variable_names.end());
  EXPECT_EQ(sources.read_file("/nonexistent/blasx.conf").error().code(), StatusCode::NotFound);
  EXPECT_EQ(sources.read_file("/").error().code(), StatusCode::IoError);
  EXPECT_EQ(*sources.read_file("/dev/null"), "");
  ::unsetenv("BLASX_TILE");
}

}  // namespace
}  // namespace blasx::config
