// SPDX-License-Identifier: Apache-2.0
#include "bench/options.hpp"

#include <cstdlib>

namespace blasx::bench {

void add_settings(CLI::App& app, Settings& settings) {
  app.add_option("--seconds", settings.seconds, "Time limit of one case")->capture_default_str();
  app.add_option("--samples", settings.samples, "Good samples wanted for one case")
      ->capture_default_str();
  app.add_option(
         "--probe", settings.probe_part,
         "Part of perfect scaling that a probe must show for a sample to count; 0 keeps all")
      ->capture_default_str();
  app.add_option("--json", settings.json_path, "File for the results");
}

void set_environment(const std::vector<std::string>& pairs) {
  for (const std::string& pair : pairs) {
    const size_t equals = pair.find('=');
    if (equals != std::string::npos) {
      setenv(pair.substr(0, equals).c_str(), pair.substr(equals + 1).c_str(), 1);
    }
  }
}

}  // namespace blasx::bench
