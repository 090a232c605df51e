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

template <typename T>
Loops loops_of(MPI_Op op) {
  if (op == MPI_SUM) {
    return {to_third<T, Sum>, to_second<T, Sum>};
  }
  if (op == MPI_MIN) {
    return {to_third<T, Least>, to_second<T, Least>};
  }
  if (op == MPI_MAX) {
    return {to_third<T, Greatest>, to_second<T, Greatest>};
  }
  return {};
}

}  // namespace

Loops loops_for(MPI_Datatype type, MPI_Op op) {
  if (type == MPI_FLOAT) {
    return loops_of<float>(op);
  }
  if (type == MPI_DOUBLE) {
    return loops_of<double>(op);
  }
  if (type == MPI_INT || type == MPI_INT32_T) {
    return loops_of<int32_t>(op);
  }
  if (type == MPI_INT64_T || type == MPI_LONG_LONG || (type == MPI_LONG && sizeof(long) == 8)) {
    return loops_of<int64_t>(op);
  }
  return {};
}

blasx::Status add(const Fold& with, const std::byte* a, const std::byte* b, std::byte* out,
                  int64_t count) {
  if (with.loops.to_third != nullptr) {
    if (b == out) {
      with.loops.to_second(a, out, count);
    } else {
      with.loops.to_third(a, b, out, count);
    }
    return {};
  }
  if (b != out) {
    std::memcpy(out, b, static_cast<size_t>(count * with.extent));
  }
  // At most a slot's or a piece's worth, so the count is an int.
  const int error = PMPI_Reduce_local(a, out, static_cast<int>(count), with.type, with.op);
  return error == MPI_SUCCESS
             ? blasx::Status()
             : blasx::Status(blasx::StatusCode::InvalidArgument, "MPI_Reduce_local refused");
}

blasx::Status fold(const Fold& with, const std::vector<const std::byte*>& parts, std::byte* out,
                   int64_t count) {
  size_t next = parts.size() - 1;
  const std::byte* so_far = parts[next];
  blasx::Status status;
  while (next-- > 0 && status) {
    status = add(with, parts[next], so_far, out, count);
    so_far = out;
  }
  return status;
}

}  // namespace lpcoll::shm
