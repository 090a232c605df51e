// SPDX-License-Identifier: Apache-2.0
// The EXPLAIN line of one call. A pure function.
#pragma once

#include <string>

#include "blasx/trace/record.hpp"

namespace blasx::trace {

// One JSON object without a newline:
//   {"routine":"dgemm","m":..,"n":..,"k":..,"flags":"NT","lda":..,"place":"host","chosen":"host",
//    "reasons":["host-faster"],"predicted_ns":{"host":1.2e6,"cpu":1.5e6},"measured_ns":1234567,
//    "operations":..,"gflops":..,
//    "bytes":{"to_device":..,"device_to_device":..,"to_host":..},
//    "links":[{"from":"home","to":"host:0","bytes":..}]}
// bytes and links only where devices took part.
// `flags` are BLAS's own letters in BLAS's order for the routine (column-major): "LUNN" for a trsm.
std::string explain_line(const CallRecord& record);
std::string flag_letters(const BlasCall& call);

}  // namespace blasx::trace
