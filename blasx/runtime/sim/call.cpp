// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/sim/call.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "blasx/tile/families.hpp"

namespace blasx::runtime::sim {
namespace {

std::optional<Routine> routine_of(std::string_view name) {
  for (int r = 0; r < kRoutineCount; ++r) {
    if (name == routine_name(static_cast<Routine>(r))) return static_cast<Routine>(r);
  }
  return std::nullopt;
}

std::optional<Op> op_of(const std::string& text) {
  if (text == "n") return Op::NoTrans;
  if (text == "t") return Op::Trans;
  if (text == "c") return Op::ConjTrans;
  return std::nullopt;
}

tl::unexpected<Status> refuse(const std::string& what, const std::string& accepted) {
  return failure(StatusCode::InvalidArgument, what + "; accepted: " + accepted);
}

}  // namespace

Result<BlasCall> make_call(const CallText& text) {
  static double a, b, c;
  constexpr const char* kRoutines =
      "s, d, c or z before gemm, gemm3m, gemmt, symm, hemm, syrk, herk, syr2k, her2k, trmm or trsm";
  BlasCall call;
  constexpr std::string_view kTypes = "sdcz";
  const size_t type = text.routine.empty() ? kTypes.npos : kTypes.find(text.routine[0]);
  if (type == kTypes.npos) return refuse("routine " + text.routine, kRoutines);
  call.type = static_cast<Type>(type);
  const auto routine = routine_of(std::string_view(text.routine).substr(1));
  if (!routine) return refuse("routine " + text.routine, kRoutines);
  call.routine = *routine;
  const auto trans_a = op_of(text.trans_a), trans_b = op_of(text.trans_b);
  if (!trans_a || !trans_b) return refuse("a transposition", "n, t or c");
  if (text.side != "left" && text.side != "right")
    return refuse("side " + text.side, "left or right");
  if (text.uplo != "lower" && text.uplo != "upper") {
    return refuse("uplo " + text.uplo, "lower or upper");
  }
  if (text.n < 1 || text.m < 0 || text.k < 0) return refuse("a size", "1 or more");
  call.trans_a = *trans_a;
  call.trans_b = *trans_b;
  call.side = text.side == "left" ? Side::Left : Side::Right;
  call.uplo = text.uplo == "lower" ? Uplo::Lower : Uplo::Upper;
  call.n = text.n;
  call.m = text.m == 0 || tile::has_square_c(*routine) ? text.n : text.m;
  call.k = text.k == 0 ? text.n : text.k;
  call.beta = text.beta ? 1.0 : 0.0;
  call.a = &a;
  call.b = &b;
  call.c = &c;
  call.lda = call.ldb = call.ldc = std::max({call.m, call.n, call.k});
  return call;
}

}  // namespace blasx::runtime::sim
