// SPDX-License-Identifier: Apache-2.0
#include "blasx/offload/rates.hpp"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <system_error>
#include <vector>

#include "blasx/trace/file.hpp"
#include "common/parse.hpp"

namespace blasx::offload {
namespace {

// Operations per second of a core in its gemm: only ratios of these matter before something was measured.
constexpr double kCoreRate[kTypeCount] = {40e9, 20e9, 40e9, 20e9};
constexpr double kUsual = 0.95;      // of a library's gemm, in most of its routines
constexpr double kUsualTrsm = 0.80;  // in its trsm
constexpr double kTiles = 0.93;      // of the same gemm, as tiles
constexpr size_t kLongestFile = 1 << 16;

template <typename F>
void each_entry(F&& f) {
  for (int r = 0; r < kRoutineCount; ++r)
    for (int t = 0; t < kTypeCount; ++t) f(static_cast<Routine>(r), static_cast<Type>(t));
}

std::string name_of(Routine r, Type t) { return type_letter(t) + std::string(routine_name(r)); }

std::optional<std::pair<Routine, Type>> find_name(std::string_view name) {
  std::optional<std::pair<Routine, Type>> found;
  each_entry([&](Routine r, Type t) {
    if (name_of(r, t) == name) found = {r, t};
  });
  return found;
}

std::vector<std::string> words(std::string_view line) {
  std::istringstream in{std::string(line)};
  std::vector<std::string> all;
  for (std::string word; in >> word;) all.push_back(word);
  return all;
}

// "name host 1e10 cpu 2e10", all of it or nothing.
bool parse_line(std::string_view line, RateTable& table) {
  const std::vector<std::string> w = words(line);
  if (w.size() != 5 || w[1] != "host" || w[3] != "cpu") return false;
  const auto name = find_name(w[0]);
  const Result<double> host = parse::real(w[2]), cpu = parse::real(w[4]);
  if (!name || !host || !cpu || !(*host > 0) || !(*cpu > 0)) return false;
  table.of(name->first, name->second) = {{*host, *cpu}, true};
  return true;
}

// Names and places of the numbers in the line of the GPUs.
constexpr const char* kGpuNames[] = {"s", "d", "c", "z", "link", "memory"};

template <typename F>
void each_gpu_number(GpuRates& gpus, F&& f) {
  for (size_t t = 0; t < kTypeCount; ++t) f(kGpuNames[t], gpus.kernel[t]);
  f(kGpuNames[kTypeCount], gpus.link);
  f(kGpuNames[kTypeCount + 1], gpus.memory_bytes);
}

bool parse_gpu_line(std::string_view line, RateTable& table) {
  const std::vector<std::string> w = words(line);
  if (w.size() != 1 + 2 * std::size(kGpuNames) || w[0] != "gpus") return false;
  GpuRates gpus;
  gpus.measured = true;
  size_t at = 1;
  bool good = true;
  each_gpu_number(gpus, [&](const char* name, double& number) {
    const Result<double> value = parse::real(w[at + 1]);
    good = good && w[at] == name && value && *value > 0;
    if (good) number = *value;
    at += 2;
  });
  if (good) table.gpus = gpus;
  return good;
}

uint64_t hash(std::string_view text) {  // FNV-1a
  uint64_t h = 14695981039346656037ULL;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return h;
}

std::string processor_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) {
      const size_t colon = line.find(':');
      if (colon != std::string::npos) return std::string(parse::trim(line.substr(colon + 1)));
    }
  }
  return "processor";
}

}  // namespace

RateTable assumed_rates(hostblas::Kind kind, int32_t host_threads, int32_t cores) {
  RateTable table;
  const bool known = kind != hostblas::Kind::Other && kind != hostblas::Kind::Builtin;
  each_entry([&](Routine r, Type t) {
    const double core = kCoreRate[static_cast<int>(t)];
    const bool trsm = r == Routine::Trsm;
    const double host = trsm && known ? kUsualTrsm : kUsual;
    // Our own solver takes the real types; complex ones are the library's, tile by tile.
    const double tiles = trsm && known && is_complex(t) ? kUsualTrsm * kTiles : kTiles;
    table.of(r, t).rates = {core * host * host_threads, core * tiles * cores};
  });
  return table;
}

std::string rates_text(const RateTable& table, const std::string& title) {
  std::string text =
      "# Measured rates in operations per second: " + title +
      "\n# Lines may be changed by hand; those that are here are not measured again.\n";
  each_entry([&](Routine r, Type t) {
    const RateTable::Entry& e = table.of(r, t);
    if (!e.measured) return;
    char line[96];
    std::snprintf(line, sizeof line, "%s host %.4g cpu %.4g\n", name_of(r, t).c_str(), e.rates.host,
                  e.rates.cpu);
    text += line;
  });
  if (!table.gpus.measured) return text;
  text += "gpus";
  GpuRates gpus = table.gpus;
  each_gpu_number(gpus, [&](const char* name, double number) {
    char word[40];
    std::snprintf(word, sizeof word, " %s %.4g", name, number);
    text += word;
  });
  return text + "\n";
}

int parse_rates(std::string_view text, RateTable& table) {
  int taken = 0;
  for (const std::string_view line : parse::split(text, '\n')) {
    if (line.starts_with('#')) continue;
    if (parse_line(line, table) || parse_gpu_line(line, table)) ++taken;
  }
  return taken;
}

std::string rates_file_name(const std::string& fingerprint) {
  char name[40];
  std::snprintf(name, sizeof name, "rates-%016llx.txt",
                static_cast<unsigned long long>(hash(fingerprint)));
  return name;
}

std::string machine_fingerprint(const hostblas::Library& library, int32_t cores, int32_t gpus,
                                const std::optional<parse::Amount>& memory) {
  std::string more = gpus > 0 ? ", " + std::to_string(gpus) + " GPUs" : "";
  if (gpus > 0 && memory) {
    more += " with at most " + (memory->fraction > 0
                                    ? std::to_string(memory->fraction) + " of their memory"
                                    : std::to_string(memory->bytes) + " bytes");
  }
  return processor_name() + ", " + std::to_string(cores) + " cores, " +
         std::to_string(hostblas::thread_count(library)) + " threads, " +
         hostblas::fingerprint(library) + more;
}

std::string cache_folder(const std::string& setting,
                         const std::function<const char*(const char*)>& variable) {
  if (parse::equals_ignoring_case(setting, "off")) return {};
  if (!setting.empty()) return setting;
  if (const char* cache = variable("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return std::string(cache) + "/blasx";
  if (const char* home = variable("HOME"); home != nullptr && *home == '/')
    return std::string(home) + "/.cache/blasx";
  return {};
}

Result<std::string> load_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return failure(StatusCode::NotFound, std::strerror(errno));
  std::string text(kLongestFile, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

Status save_file(const std::string& path, const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return Status(StatusCode::IoError, error.message());
  return trace::replace_file(path, text);
}

}  // namespace blasx::offload
