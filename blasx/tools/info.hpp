// SPDX-License-Identifier: Apache-2.0
// Everything blasx-info shows, collected first and printed after. A plain value.
#pragma once

#include <blasx/blasx.h>

#include <string>
#include <vector>

#include "blasx/topology/topology.hpp"

namespace blasx::tools {

struct Info {
  std::string version;
  std::string library;  // path of the libblasx that answers, empty if unknown
  topology::Machine machine;
  std::vector<blasx_host_blas> host_blas;
  std::vector<blasx_device> devices;
  std::vector<blasx_rate> rates;  // those that were measured
  std::vector<blasx_setting> settings;
};

// Asks libblasx through its public interface, as any program could; loads the BLAS underneath and
// opens the devices.
Info collect_info();

std::string info_text(const Info& info);
std::string info_json(const Info& info);

// Measures, telling on stderr how far it is, and writes a machine file for blasx-sim. 0, or main's status after a message.
int write_machine_file(const Info& info, const std::string& path);

}  // namespace blasx::tools
