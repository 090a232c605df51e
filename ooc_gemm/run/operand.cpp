// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/run/operand.hpp"

#include <algorithm>
#include <complex>

namespace ooc_gemm::run {

namespace {

// Pieces of a panel that are read at once; smaller ones cost more to hand over than to read.
constexpr int64_t kLeastPieceBytes = 256 << 10;
// Of a piece that a thread reads; listing them takes memory.
constexpr int64_t kLinesAtOnce = 1024;

template <typename Real>
void conjugate(char* data, int64_t elems) {
  auto* numbers = reinterpret_cast<Real*>(data);
  for (int64_t i = 0; i < elems; ++i) numbers[2 * i + 1] = -numbers[2 * i + 1];
}

}  // namespace

Operand::Operand(const storage::File& file, Operation operation, storage::Order order, char* memory,
                 int64_t panel_elems, storage::Pool& pool)
    : file_(file),
      operation_(operation),
      same_order_(file.matrix().order == order),
      panel_elems_(panel_elems),
      pool_(pool) {
  const int64_t element = storage::element_bytes(file.matrix().element);
  slots_[0].room = memory;
  slots_[1].room = memory + room_bytes(panel_elems * element);
}

int Operand::fetch(const storage::Window& window) {
  if (slots_[static_cast<size_t>(last_)].window == window) return last_;
  last_ = 1 - last_;
  Slot& slot = slots_[static_cast<size_t>(last_)];
  if (slot.window == window) return last_;
  slot.window = window;
  slot.stored = operation_ == Operation::None
                    ? window
                    : storage::Window{window.col, window.row, window.cols, window.rows};
  read(slot);
  return last_;
}

void Operand::read(Slot& slot) {
  const storage::Description& matrix = file_.matrix();
  const int64_t element = storage::element_bytes(matrix.element);
  slot.data = slot.room + file_.place_offset(slot.stored);
  const int64_t lines = slot.stored.lines(matrix.order);
  const int64_t pitch = file_.pitch(slot.stored);
  slot.ld = slot.stored.line_elems(matrix.order);
  const bool has_room = pitch > slot.ld && lines * pitch <= panel_elems_;
  if (has_room) slot.ld = pitch;
  const int64_t bytes = slot.stored.elems() * element;
  read_bytes_ += bytes;
  // One ring reads as fast as several do, and costs half of the processor time: what it waits for comes in larger lots.
  const int64_t readers =
      file_.is_read_by_ring()
          ? 1
          : std::clamp<int64_t>(bytes / kLeastPieceBytes, 1, 4 * int64_t{pool_.threads()});
  const int64_t each = std::max<int64_t>((lines + readers - 1) / readers, 1);
  for (int64_t first = 0; first < lines; first += each) {
    const int64_t end = std::min(first + each, lines);
    pool_.submit(slot.ticket, [this, &slot, first, end, has_room] {
      blasx::Status done;
      for (int64_t at = first; at < end && done.ok(); at += kLinesAtOnce)
        done = read_lines(slot, at, std::min(kLinesAtOnce, end - at), has_room);
      return done;
    });
  }
}

blasx::Status Operand::read_lines(const Slot& slot, int64_t first, int64_t count,
                                  bool has_room) const {
  const storage::Description& matrix = file_.matrix();
  char* to = slot.data + first * slot.ld * storage::element_bytes(matrix.element);
  blasx::Status done =
      file_.read(slot.stored.part(matrix.order, first, count), to, slot.ld, has_room);
  // What the BLAS has no flag for: conjugated, not transposed.
  if (operation_ == Operation::Adjoint && !same_order_) {
    if (matrix.element == storage::Element::C8) conjugate<float>(to, count * slot.ld);
    if (matrix.element == storage::Element::C16) conjugate<double>(to, count * slot.ld);
  }
  return done;
}

Factor Operand::factor(int slot, int64_t row, int64_t col) const {
  const Slot& from = slots_[static_cast<size_t>(slot)];
  const storage::Description& matrix = file_.matrix();
  Factor factor;
  factor.ld = from.ld;
  const bool turned = operation_ != Operation::None;
  if (turned) std::swap(row, col);
  const int64_t offset =
      matrix.order == storage::Order::C ? row * factor.ld + col : col * factor.ld + row;
  factor.data = from.data + offset * storage::element_bytes(matrix.element);
  // Memory in the other order is, to the call, the transpose.
  factor.transposed = turned == same_order_;
  factor.conjugated = operation_ == Operation::Adjoint && same_order_;
  return factor;
}

}  // namespace ooc_gemm::run
