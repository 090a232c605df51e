// SPDX-License-Identifier: Apache-2.0
// A number that names one kind of thing (device, tile, task) and mixes with no other. A plain
// value.
//   using DeviceId = StrongId<struct DeviceTag>;
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace blasx {

template <typename Tag, typename Rep = int32_t>
class StrongId {
 public:
  using Representation = Rep;

  constexpr StrongId() = default;  // names nothing: valid() is false
  constexpr explicit StrongId(Rep value) : value_(value) {}

  constexpr Rep value() const { return value_; }
  constexpr bool valid() const { return value_ != static_cast<Rep>(-1); }
  // The position in a vector indexed by this id.
  constexpr size_t index() const { return static_cast<size_t>(value_); }

  constexpr auto operator<=>(const StrongId&) const = default;

 private:
  Rep value_ = static_cast<Rep>(-1);
};

}  // namespace blasx

template <typename Tag, typename Rep>
struct std::hash<blasx::StrongId<Tag, Rep>> {
  size_t operator()(blasx::StrongId<Tag, Rep> id) const { return std::hash<Rep>{}(id.value()); }
};
