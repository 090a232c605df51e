// SPDX-License-Identifier: Apache-2.0
// Routines by the names that C programs use: "dgemm". Pure functions.
#pragma once

#include <optional>
#include <string>

#include "blasx/tile/call.hpp"
#include "common/status.hpp"

namespace blasx::api {

struct TypedRoutine {
  Routine routine;
  Type type;
};

inline std::optional<TypedRoutine> find_routine(const std::string& name) {
  for (int r = 0; r < kRoutineCount; ++r) {
    for (int t = 0; t < kTypeCount; ++t) {
      const TypedRoutine one{static_cast<Routine>(r), static_cast<Type>(t)};
      if (name == type_letter(one.type) + std::string(routine_name(one.routine))) return one;
    }
  }
  return std::nullopt;
}

inline Status no_such_routine(const std::string& name) {
  return Status(StatusCode::NotFound, "no such routine: " + name);
}

}  // namespace blasx::api
