// SPDX-License-Identifier: Apache-2.0
#include "blasx/trace/explain.hpp"

#include "common/json.hpp"

namespace blasx::trace {
namespace {

char op_letter(Op op) { return "NTC"[static_cast<int>(op)]; }
char uplo_letter(Uplo uplo) { return uplo == Uplo::Upper ? 'U' : 'L'; }
char side_letter(Side side) { return side == Side::Left ? 'L' : 'R'; }
char diag_letter(Diag diag) { return diag == Diag::Unit ? 'U' : 'N'; }

void write_shape(JsonWriter& json, const BlasCall& call) {
  json.member("m", call.m).member("n", call.n);
  const bool triangular = call.routine == Routine::Trmm || call.routine == Routine::Trsm;
  const bool symmetric = call.routine == Routine::Symm || call.routine == Routine::Hemm;
  if (!triangular && !symmetric) json.member("k", call.k);
  json.member("flags", flag_letters(call)).member("lda", call.lda);
  if (call.b != nullptr) json.member("ldb", call.ldb);
  json.member("ldc", call.ldc);
}

void write_traffic(JsonWriter& json, const CallRecord& record) {
  const Traffic& t = record.traffic;
  json.key("bytes").begin_object();
  json.member("to_device", t.home_to_device_bytes);
  json.member("device_to_device", t.device_to_device_bytes);
  json.member("to_host", t.device_to_home_bytes);
  if (record.lower_bound_bytes > 0) json.member("least", record.lower_bound_bytes);
  json.end_object().key("tiles").begin_object();
  json.member("level1_hits", t.level1_hits).member("level2_hits", t.level2_hits);
  json.member("misses", t.misses).end_object();
  if (record.links.empty()) return;
  json.key("links").begin_array();
  for (const LinkBytes& link : record.links) {
    json.begin_object().member("from", link.from).member("to", link.to);
    json.member("bytes", link.bytes).end_object();
  }
  json.end_array();
}

}  // namespace

std::string flag_letters(const BlasCall& call) {
  switch (call.routine) {
    case Routine::Gemm:
    case Routine::Gemm3m:
      return {op_letter(call.trans_a), op_letter(call.trans_b)};
    case Routine::Gemmt:
      return {uplo_letter(call.uplo), op_letter(call.trans_a), op_letter(call.trans_b)};
    case Routine::Symm:
    case Routine::Hemm:
      return {side_letter(call.side), uplo_letter(call.uplo)};
    case Routine::Syrk:
    case Routine::Herk:
    case Routine::Syr2k:
    case Routine::Her2k:
      return {uplo_letter(call.uplo), op_letter(call.trans_a)};
    case Routine::Trmm:
    case Routine::Trsm:
      return {side_letter(call.side), uplo_letter(call.uplo), op_letter(call.trans_a),
              diag_letter(call.diag)};
  }
  return {};
}

std::string explain_line(const CallRecord& record) {
  const BlasCall& call = record.call;
  JsonWriter json;
  json.begin_object();
  json.member("routine", type_letter(call.type) + std::string(routine_name(call.routine)));
  write_shape(json, call);
  json.member("place", place_name(record.place));
  if (!record.chosen.empty()) json.member("chosen", record.chosen);
  if (record.tile > 0) json.member("tile", record.tile);
  json.key("reasons").begin_array();
  for (const Reason reason : record.reasons) json.value(reason_key(reason));
  json.end_array().key("predicted_ns").begin_object();
  for (const Choice& choice : record.choices) json.member(choice.name, choice.predicted_ns);
  json.end_object();
  const int64_t measured_ns = record.end_ns - record.start_ns;
  const double operations = operation_count(call);
  json.member("measured_ns", measured_ns).member("operations", operations);
  if (measured_ns > 0) json.member("gflops", operations / static_cast<double>(measured_ns));
  if (record.place == Place::Devices) write_traffic(json, record);
  json.end_object();
  return json.take();
}

}  // namespace blasx::trace
