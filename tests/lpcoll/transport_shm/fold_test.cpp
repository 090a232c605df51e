// SPDX-License-Identifier: Apache-2.0
// The loops of a reduction, sums and exchanges, at any length and place, where what is written is what is read.
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

// Places for a result: apart from all parts (as many ranks as there are), or where a rank's part is.
using Takers = std::vector<size_t>;

template <typename T>
T value_of(int64_t i, size_t rank) {
  // Some sums wrap, or are infinite.
  if (i % 7 == 3) return std::numeric_limits<T>::max();
  return static_cast<T>((i * 31 + static_cast<int64_t>(rank) * 17) % 101 - 50);
}

template <typename T>
void check(MPI_Datatype type, MPI_Op op, OnePass one_pass, int64_t count, size_t ranks,
           const Takers& takers) {
  const Fold with{type, op, sizeof(T), one_pass};
  std::vector<Row<T>> rows;
  std::vector<T> wanted(static_cast<size_t>(count));
  for (size_t rank = 0; rank <= ranks; ++rank) rows.emplace_back(count, rank * sizeof(T));
  for (int64_t i = 0; i < count; ++i) {
    for (size_t rank = ranks; rank-- > 0;) {
      const T value = value_of<T>(i, rank);
      rows[rank].set(i, value);
      T& so_far = wanted[static_cast<size_t>(i)];
      so_far = rank + 1 == ranks ? value : combined(op, value, so_far);
    }
  }
  std::vector<const std::byte*> parts;
  std::vector<std::byte*> places;
  for (size_t rank = 0; rank < ranks; ++rank) parts.push_back(rows[rank].data());
  for (const size_t taker : takers) places.push_back(rows[taker].data());
  ASSERT_TRUE(fold(with, parts, places, count));
  for (size_t rank = 0; rank <= ranks; ++rank) {
    const bool taken = std::find(takers.begin(), takers.end(), rank) != takers.end();
    for (int64_t i = 0; i < count && (taken || rank < ranks); ++i)
      ASSERT_EQ(rows[rank].get(i), taken ? wanted[static_cast<size_t>(i)] : value_of<T>(i, rank))
          << i << " of " << count << ", rank " << rank << " of " << ranks;
    EXPECT_TRUE(rows[rank].is_guarded());
  }
}

// One place, the first and the last part too, and as an allreduce has them: all parts but one, and the result.
std::vector<Takers> takers_of(size_t ranks) {
  std::vector<Takers> all = {{ranks}, {0}, {ranks - 1}, {ranks, 0}, {ranks, ranks - 1}, {0, ranks}};
  for (size_t own = 0; own < ranks; ++own) {
    Takers places = {ranks}, in_place = {own};
    for (size_t rank = 0; rank < ranks; ++rank) {
      if (rank == own) continue;
      places.push_back(rank);
      in_place.push_back(rank);
    }
    all.push_back(places);
    all.push_back(in_place);
  }
  return all;
}

template <typename T>
void check_all(MPI_Datatype type) {
  for (const MPI_Op op : {MPI_SUM, MPI_MIN, MPI_MAX})
    for (const Reading reading : {Reading::Plain, Reading::Ahead}) {
      const OnePass one_pass = one_pass_for(type, op, reading);
      ASSERT_NE(one_pass, nullptr);
      for (const int64_t count : {1, 3, 15, 16, 17, 64, 1001})
        for (const size_t ranks : {2, 3, 4, 5, 9})
          for (const Takers& takers : takers_of(ranks))
            check<T>(type, op, one_pass, count, ranks, takers);
    }
}

TEST(Fold, OfFloats) { check_all<float>(MPI_FLOAT); }
TEST(Fold, OfDoubles) { check_all<double>(MPI_DOUBLE); }
TEST(Fold, OfInts) { check_all<int32_t>(MPI_INT); }
TEST(Fold, OfLongs) { check_all<int64_t>(MPI_INT64_T); }

TEST(Copy, MovesEveryByteAndNoOther) {
  for (const int64_t count : {0, 1, 63, 64, 65, 130, 5000}) {
    Row<char> from(count, 5), to(count, 9);
    for (int64_t i = 0; i < count; ++i) from.set(i, static_cast<char>(i * 7 % 100));
    copy(to.data(), from.data(), count, Reading::Ahead);
    for (int64_t i = 0; i < count; ++i) ASSERT_EQ(to.get(i), from.get(i));
    EXPECT_TRUE(to.is_guarded());
  }
}

TEST(Exchange, TakesOutWhatLiesInTheSlotAndPutsInWhatComesNext) {
  for (const int64_t count : {0, 1, 63, 64, 65, 1000, 4096}) {
    for (const size_t misfit : {0, 1, 40}) {
      Row<uint8_t> to(count, misfit), slot(count, 0), from(count, 2 * misfit);
      for (int64_t i = 0; i < count; ++i) {
        slot.set(i, static_cast<uint8_t>(i % 251));
        from.set(i, static_cast<uint8_t>(i % 249 + 3));
      }
      exchange(to.data(), slot.data(), from.data(), count);
      for (int64_t i = 0; i < count; ++i) {
        ASSERT_EQ(to.get(i), i % 251) << count << " from " << misfit;
        ASSERT_EQ(slot.get(i), i % 249 + 3) << count << " from " << misfit;
      }
      EXPECT_TRUE(to.is_guarded() && slot.is_guarded() && from.is_guarded()) << count;
    }
  }
}

}  // namespace
}  // namespace lpcoll::shm
