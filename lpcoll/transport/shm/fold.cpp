// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/transport/shm/fold.hpp"

#include <cstring>
#include <type_traits>

namespace lpcoll::shm {
namespace {

struct Sum {
  template <typename T>
  static T of(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
      using Unsigned = std::make_unsigned_t<T>;  // overflow wraps
      return static_cast<T>(static_cast<Unsigned>(a) + static_cast<Unsigned>(b));
    } else {
      return a + b;
    }
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

template <typename T, typename Op>
void to_third(const void* first, const void* second, void* third, int64_t count) {
  const T* __restrict a = static_cast<const T*>(first);
  const T* __restrict b = static_cast<const T*>(second);
  T* __restrict out = static_cast<T*>(third);
  for (int64_t i = 0; i < count; ++i) {
    out[i] = Op::of(a[i], b[i]);
  }
}

template <typename T, typename Op>
void to_second(const void* first, void* second, int64_t count) {
  const T* __restrict a = static_cast<const T*>(first);
  T* __restrict b = static_cast<T*>(second);
  for (int64_t i = 0; i < count; ++i) {
    b[i] = Op::of(a[i], b[i]);
  }
}

// The same a line at a time, with the lines to come asked for. Vectors as wide as every machine has them: wider ones cross lines where
// buffers are not on whole ones, which costs more than it saves.
template <typename T>
struct Lanes {
  using Vector [[gnu::vector_size(16)]] = T;
};

template <typename Value, typename Op, bool kBoth>
void combine(const std::byte* a, const std::byte* b, std::byte* out, std::byte* also) {
  Value x, y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  const Value result = Op::of(x, y);
  std::memcpy(out, &result, sizeof result);
  if constexpr (kBoth) {
    std::memcpy(also, &result, sizeof result);
  }
}

template <typename T, typename Op, bool kBoth>
void ahead(const void* first, const void* second, void* third, void* fourth, int64_t count) {
  const auto* a = static_cast<const std::byte*>(first);
  const auto* b = static_cast<const std::byte*>(second);
  auto* out = static_cast<std::byte*>(third);
  auto* also = static_cast<std::byte*>(fourth);
  using Vector = typename Lanes<T>::Vector;
  constexpr auto kVector = static_cast<int64_t>(sizeof(Vector));
  const int64_t bytes = count * static_cast<int64_t>(sizeof(T));
  int64_t at = 0;
  for (; at + kLine <= bytes; at += kLine) {
    __builtin_prefetch(a + at + kAhead);
    __builtin_prefetch(b + at + kAhead);
    __builtin_prefetch(out + at + kAhead);
#pragma GCC unroll 4
    for (int64_t i = at; i < at + kLine; i += kVector) {
      combine<Vector, Op, kBoth>(a + i, b + i, out + i, also + i);
    }
  }
  for (; at < bytes; at += static_cast<int64_t>(sizeof(T))) {
    combine<T, Op, kBoth>(a + at, b + at, out + at, also + at);
  }
}

template <typename T, typename Op>
Loops loops_ahead() {
  return {[](const void* a, const void* b, void* out, int64_t count) {
            ahead<T, Op, false>(a, b, out, out, count);
          },
          [](const void* a, void* b, int64_t count) { ahead<T, Op, false>(a, b, b, b, count); },
          ahead<T, Op, true>};
}

template <typename T, typename Op>
Loops loops_with(Reading reading) {
  if (reading == Reading::Plain) {
    return {to_third<T, Op>, to_second<T, Op>};
  }
  if constexpr (std::is_same_v<Op, Sum> && std::is_integral_v<T>) {
    return loops_ahead<std::make_unsigned_t<T>, Op>();  // overflow wraps
  } else {
    return loops_ahead<T, Op>();
  }
}

template <typename T>
Loops loops_of(MPI_Op op, Reading reading) {
  if (op == MPI_SUM) {
    return loops_with<T, Sum>(reading);
  }
  if (op == MPI_MIN) {
    return loops_with<T, Least>(reading);
  }
  if (op == MPI_MAX) {
    return loops_with<T, Greatest>(reading);
  }
  return {};
}

}  // namespace

Loops loops_for(MPI_Datatype type, MPI_Op op, Reading reading) {
  if (type == MPI_FLOAT) {
    return loops_of<float>(op, reading);
  }
  if (type == MPI_DOUBLE) {
    return loops_of<double>(op, reading);
  }
  if (type == MPI_INT || type == MPI_INT32_T) {
    return loops_of<int32_t>(op, reading);
  }
  if (type == MPI_INT64_T || type == MPI_LONG_LONG || (type == MPI_LONG && sizeof(long) == 8)) {
    return loops_of<int64_t>(op, reading);
  }
  return {};
}

blasx::Status add(const Fold& with, const std::byte* a, const std::byte* b, std::byte* out,
                  int64_t count, std::byte* also) {
  if (also != nullptr && with.loops.to_both != nullptr) {
    with.loops.to_both(a, b, out, also, count);
    return {};
  }
  const auto bytes = static_cast<size_t>(count * with.extent);
  if (with.loops.to_third != nullptr) {
    if (b == out) {
      with.loops.to_second(a, out, count);
    } else {
      with.loops.to_third(a, b, out, count);
    }
  } else {
    if (b != out) {
      std::memcpy(out, b, bytes);
    }
    // At most a slot's or a piece's worth, so the count is an int.
    if (PMPI_Reduce_local(a, out, static_cast<int>(count), with.type, with.op) != MPI_SUCCESS) {
      return blasx::Status(blasx::StatusCode::InvalidArgument, "MPI_Reduce_local refused");
    }
  }
  if (also != nullptr) {
    std::memcpy(also, out, bytes);
  }
  return {};
}

blasx::Status fold(const Fold& with, const std::vector<const std::byte*>& parts, std::byte* out,
                   int64_t count, std::byte* also) {
  size_t next = parts.size() - 1;
  const std::byte* so_far = parts[next];
  blasx::Status status;
  while (next-- > 0 && status) {
    status = add(with, parts[next], so_far, out, count, next == 0 ? also : nullptr);
    so_far = out;
  }
  return status;
}

}  // namespace lpcoll::shm
