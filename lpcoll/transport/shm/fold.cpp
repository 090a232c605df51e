// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/transport/shm/fold.hpp"

#include <array>
#include <cstring>
#include <type_traits>

namespace lpcoll::shm {
namespace {

struct Sum {
  template <typename T>
  static T of(T a, T b) {
    return a + b;
  }
};
struct Least {
  template <typename T>
  static T of(T a, T b) {
    return a < b ? a : b;
  }
};
struct Greatest {
  template <typename T>
  static T of(T a, T b) {
    return a > b ? a : b;
  }
};

// Vectors as wide as every machine has them: wider ones cross lines where buffers are not on whole ones, which costs more than it
// saves. By name, for an array of them would not stay in registers.
template <typename T>
struct Line {
  using Vector [[gnu::vector_size(16)]] = T;
  Vector a, b, c, d;
};
static_assert(sizeof(Line<float>) == kLine);

template <typename T, typename Op>
struct Elements {
  using Value = T;
  static T load(const std::byte* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
  static T of(T x, T y) { return Op::of(x, y); }
  static void store(std::byte* to, T value) { std::memcpy(to, &value, sizeof value); }
};

template <typename T, typename Op>
struct Lines {
  using Value = Line<T>;
  using Vectors = Elements<typename Value::Vector, Op>;
  static Value load(const std::byte* from) {
    return {Vectors::load(from), Vectors::load(from + 16), Vectors::load(from + 32),
            Vectors::load(from + 48)};
  }
  static Value of(const Value& x, const Value& y) {
    return {Op::of(x.a, y.a), Op::of(x.b, y.b), Op::of(x.c, y.c), Op::of(x.d, y.d)};
  }
  static void store(std::byte* to, const Value& value) {
    Vectors::store(to, value.a);
    Vectors::store(to + 16, value.b);
    Vectors::store(to + 32, value.c);
    Vectors::store(to + 48, value.d);
  }
};

template <typename By, typename Parts, typename Places>
[[gnu::always_inline]] inline void combine(const Parts& parts, const Places& places, int64_t at) {
  typename By::Value so_far = By::load(parts.back() + at);
  for (size_t rank = parts.size() - 1; rank-- > 0;) {
    so_far = By::of(By::load(parts[rank] + at), so_far);
  }
  for (std::byte* const place : places) {
    By::store(place + at, so_far);
  }
}

// A line of all ranks at a time, so that what has been summed so far stays in registers: an allreduce of 4 MiB over four ranks took an
// eighth less than with a pass for each rank.
template <typename T, typename Op, Reading kReading, typename Parts, typename Places>
void lines(const Parts& parts, const Places& places, int64_t count) {
  const int64_t bytes = count * static_cast<int64_t>(sizeof(T));
  int64_t at = 0;
  for (; at + kLine <= bytes; at += kLine) {
    if constexpr (kReading == Reading::Ahead) {
      for (const std::byte* const part : parts) {
        __builtin_prefetch(part + at + kAhead);
      }
      __builtin_prefetch(places.front() + at + kAhead);
    }
    combine<Lines<T, Op>>(parts, places, at);
  }
  for (; at < bytes; at += static_cast<int64_t>(sizeof(T))) {
    combine<Elements<T, Op>>(parts, places, at);
  }
}

// Of two ranks, whose pointers fit into registers, or of more.
template <typename T, typename Op, Reading kReading, typename Places>
void lines_of(Parts parts, const Places& places, int64_t count) {
  if (parts.size() == 2) {
    lines<T, Op, kReading>(std::array{parts[0], parts[1]}, places, count);
  } else {
    lines<T, Op, kReading>(parts, places, count);
  }
}

// Of two ranks what lies in caches is copied to the second place afterwards: a slot's line that is written as soon as it has come from
// the other core takes their allreduce of 1 MiB a fifth longer; of four ranks everything at once takes a twentieth less.
template <typename T, typename Op, Reading kReading>
void one_pass(Parts parts, Places places, int64_t count) {
  const bool apart = kReading == Reading::Plain && parts.size() == 2;
  if (apart || places.size() == 1) {
    lines_of<T, Op, kReading>(parts, std::array{places.front()}, count);
    for (std::byte* const place : places.subspan(1)) {
      std::memcpy(place, places.front(), static_cast<size_t>(count) * sizeof(T));
    }
  } else if (places.size() == 2) {
    lines_of<T, Op, kReading>(parts, std::array{places[0], places[1]}, count);
  } else {
    lines_of<T, Op, kReading>(parts, places, count);
  }
}

template <typename T, typename Op>
OnePass one_pass_with(Reading reading) {
  if constexpr (std::is_same_v<Op, Sum> && std::is_signed_v<T> && std::is_integral_v<T>) {
    return one_pass_with<std::make_unsigned_t<T>, Op>(reading);  // overflow wraps
  } else {
    return reading == Reading::Ahead ? one_pass<T, Op, Reading::Ahead>
                                     : one_pass<T, Op, Reading::Plain>;
  }
}

template <typename T>
OnePass one_pass_of(MPI_Op op, Reading reading) {
  if (op == MPI_SUM) {
    return one_pass_with<T, Sum>(reading);
  }
  if (op == MPI_MIN) {
    return one_pass_with<T, Least>(reading);
  }
  if (op == MPI_MAX) {
    return one_pass_with<T, Greatest>(reading);
  }
  return {};
}

}  // namespace

OnePass one_pass_for(MPI_Datatype type, MPI_Op op, Reading reading) {
  if (type == MPI_FLOAT) {
    return one_pass_of<float>(op, reading);
  }
  if (type == MPI_DOUBLE) {
    return one_pass_of<double>(op, reading);
  }
  if (type == MPI_INT || type == MPI_INT32_T) {
    return one_pass_of<int32_t>(op, reading);
  }
  if (type == MPI_INT64_T || type == MPI_LONG_LONG || (type == MPI_LONG && sizeof(long) == 8)) {
    return one_pass_of<int64_t>(op, reading);
  }
  return {};
}

blasx::Status fold(const Fold& with, Parts parts, Places places, int64_t count) {
  if (with.one_pass != nullptr) {
    with.one_pass(parts, places, count);
    return {};
  }
  const auto bytes = static_cast<size_t>(count * with.extent);
  std::byte* const out = places.front();
  if (out != parts.back()) {
    std::memcpy(out, parts.back(), bytes);
  }
  for (size_t rank = parts.size() - 1; rank-- > 0;) {
    // At most a slot's or a piece's worth, so the count is an int.
    if (PMPI_Reduce_local(parts[rank], out, static_cast<int>(count), with.type, with.op) !=
        MPI_SUCCESS) {
      return blasx::Status(blasx::StatusCode::InvalidArgument, "MPI_Reduce_local refused");
    }
  }
  for (std::byte* place : places.subspan(1)) {
    std::memcpy(place, out, bytes);
  }
  return {};
}

}  // namespace lpcoll::shm
