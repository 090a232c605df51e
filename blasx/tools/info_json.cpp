// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/info.hpp"
#include "common/json.hpp"

namespace blasx::tools {
namespace {

void write_machine(JsonWriter& json, const topology::Machine& m) {
  json.line().key("machine").begin_object();
  json.member("processor", m.processor).member("packages", m.packages).member("cores", m.cores);
  json.member("cpus", m.cpus).member("usable_cores", m.usable_cores);
  json.member("usable_cpus", m.usable_cpus).member("memory_bytes", m.memory_bytes);
  json.member("usable_memory_bytes", m.usable_memory_bytes).member("source", m.source);
  json.key("caches").begin_array();
  for (const topology::Cache& cache : m.caches) {
    json.begin_object().member("level", cache.level).member("bytes", cache.bytes);
    json.member("count", cache.count).end_object();
  }
  json.end_array().key("numa").begin_array();
  for (const topology::NumaNode& node : m.numa) {
    json.begin_object().member("number", node.number).member("memory_bytes", node.memory_bytes);
    json.member("cpus", node.cpus).end_object();
  }
  json.end_array().end_object();
}

void write_one(JsonWriter& json, const blasx_host_blas& library) {
  json.member("integer_bits", library.integer_bits).member("name", library.name);
  json.member("version", library.version).member("path", library.path);
  json.member("found", library.found).member("threads", library.threads);
}

void write_one(JsonWriter& json, const blasx_device& device) {
  json.member("name", device.name).member("description", device.description);
  json.member("memory_bytes", device.memory_bytes).member("compute_units", device.compute_units);
  json.member("link_bytes_per_second", device.link_rate);
}

void write_one(JsonWriter& json, const blasx_rate& rate) {
  json.member("routine", rate.routine).member("host", rate.host);
  json.member("cpu_tiles", rate.cpu_tiles);
}

void write_one(JsonWriter& json, const blasx_setting& setting) {
  json.member("name", setting.name).member("value", setting.value);
  json.member("origin", setting.origin).member("default", setting.initial);
}

template <typename T>
void write_list(JsonWriter& json, const char* key, const std::vector<T>& list) {
  json.line().key(key).begin_array();
  for (const T& one : list) {
    json.line().begin_object();
    write_one(json, one);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string info_json(const Info& info) {
  JsonWriter json;
  json.begin_object().member("version", info.version).member("library", info.library);
  write_machine(json, info.machine);
  write_list(json, "host_blas", info.host_blas);
  write_list(json, "devices", info.devices);
  write_list(json, "rates_operations_per_second", info.rates);
  write_list(json, "settings", info.settings);
  json.line().end_object();
  return json.take() + '\n';
}

}  // namespace blasx::tools
