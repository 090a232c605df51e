// SPDX-License-Identifier: Apache-2.0
// The loops of a reduction, at any length and place, where what is written is what is read.
#include "lpcoll/transport/shm/fold.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "lpcoll/transport/shm/copy.hpp"

namespace lpcoll::shm {
namespace {

template <typename T>
T combined(MPI_Op op, T a, T b) {
  if (op == MPI_MIN) return std::min(a, b);
  if (op == MPI_MAX) return std::max(a, b);
  if constexpr (std::is_integral_v<T>) {
    using Unsigned = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<Unsigned>(a) + static_cast<Unsigned>(b));
  } else {
    return a + b;
  }
}

// Elements so many bytes from a whole line, with one on each side that nobody may touch.
template <typename T>
class Row {
 public:
  Row(int64_t count, size_t misfit) : count_(count), misfit_(misfit) {
    bytes_.resize((static_cast<size_t>(count) + 2) * sizeof(T) + misfit);
    for (int64_t i = -1; i <= count; ++i) set(i, kGuard);
  }
  std::byte* data() { return bytes_.data() + misfit_ + sizeof(T); }
  void set(int64_t i, T value) {
    std::memcpy(data() + i * static_cast<int64_t>(sizeof(T)), &value, sizeof value);
  }
  T get(int64_t i) {
    T value;
    std::memcpy(&value, data() + i * static_cast<int64_t>(sizeof(T)), sizeof value);
    return value;
  }
  bool is_guarded() { return get(-1) == kGuard && get(count_) == kGuard; }

 private:
  static constexpr T kGuard = 77;
  int64_t count_;
  size_t misfit_;
  std::vector<std::byte> bytes_;
};

// Of so many ranks, with the second result in the place of one of the parts, or of its own (`taker` beyond the ranks).
template <typename T>
void check(MPI_Datatype type, MPI_Op op, Reading reading, int64_t count, size_t ranks,
           size_t taker) {
  const Fold with{type, op, sizeof(T), loops_for(type, op, reading)};
  ASSERT_NE(with.loops.to_third, nullptr);
  ASSERT_EQ(with.loops.to_both != nullptr, reading == Reading::Ahead);
  std::vector<Row<T>> rows;
  std::vector<const std::byte*> parts;
  std::vector<T> wanted(static_cast<size_t>(count));
  for (size_t rank = 0; rank < ranks; ++rank) rows.emplace_back(count, rank * sizeof(T));
  Row<T> out(count, 3 * sizeof(T)), apart(count, 0);
  for (int64_t i = 0; i < count; ++i) {
    for (size_t rank = ranks; rank-- > 0;) {
      // Some sums wrap, or are infinite.
      const T value = i % 7 == 3
                          ? std::numeric_limits<T>::max()
                          : static_cast<T>((i * 31 + static_cast<int64_t>(rank) * 17) % 101 - 50);
      rows[rank].set(i, value);
      T& so_far = wanted[static_cast<size_t>(i)];
      so_far = rank + 1 == ranks ? value : combined(op, value, so_far);
    }
  }
  for (Row<T>& row : rows) parts.push_back(row.data());
  Row<T>& also = taker < ranks ? rows[taker] : apart;
  ASSERT_TRUE(fold(with, parts, out.data(), count, also.data()));
  for (int64_t i = 0; i < count; ++i) {
    ASSERT_EQ(out.get(i), wanted[static_cast<size_t>(i)]) << i << " of " << count;
    ASSERT_EQ(also.get(i), wanted[static_cast<size_t>(i)]) << i << " of " << count << ", " << taker;
  }
  EXPECT_TRUE(out.is_guarded() && also.is_guarded());
}

template <typename T>
void check_all(MPI_Datatype type) {
  for (const MPI_Op op : {MPI_SUM, MPI_MIN, MPI_MAX})
    for (const Reading reading : {Reading::Plain, Reading::Ahead})
      for (const int64_t count : {1, 3, 15, 16, 17, 64, 1001})
        for (const size_t ranks : {2, 3, 5})
          for (size_t taker = 0; taker <= ranks; ++taker)
            check<T>(type, op, reading, count, ranks, taker);
}

TEST(Fold, OfFloats) { check_all<float>(MPI_FLOAT); }
TEST(Fold, OfDoubles) { check_all<double>(MPI_DOUBLE); }
TEST(Fold, OfInts) { check_all<int32_t>(MPI_INT); }
TEST(Fold, OfLongs) { check_all<int64_t>(MPI_INT64_T); }

TEST(Fold, IntoTheSecondTerm) {
  for (const Reading reading : {Reading::Plain, Reading::Ahead}) {
    Row<double> a(100, 0), b(100, sizeof(double));
    for (int i = 0; i < 100; ++i) {
      a.set(i, i);
      b.set(i, 2 * i);
    }
    const Fold with{MPI_DOUBLE, MPI_SUM, sizeof(double), loops_for(MPI_DOUBLE, MPI_SUM, reading)};
    ASSERT_TRUE(add(with, a.data(), b.data(), b.data(), 100));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(b.get(i), 3 * i);
    EXPECT_TRUE(a.is_guarded() && b.is_guarded());
  }
}

TEST(Copy, MovesEveryByteAndNoOther) {
  for (const int64_t count : {0, 1, 63, 64, 65, 130, 5000}) {
    Row<char> from(count, 5), to(count, 9);
    for (int64_t i = 0; i < count; ++i) from.set(i, static_cast<char>(i * 7 % 100));
    copy(to.data(), from.data(), count, Reading::Ahead);
    for (int64_t i = 0; i < count; ++i) ASSERT_EQ(to.get(i), from.get(i));
    EXPECT_TRUE(to.is_guarded());
  }
}

}  // namespace
}  // namespace lpcoll::shm
