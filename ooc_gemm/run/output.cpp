// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/run/output.hpp"

#include <sys/mman.h>

#include <algorithm>

#include "ooc_gemm/run/hash.hpp"

namespace ooc_gemm::run {

Output::Output(const plan::Plan& plan, const Inputs& inputs, const storage::File& file,
               char* memory, storage::Pool& pool)
    : plan_(plan),
      inputs_(inputs),
      file_(file),
      memory_(memory),
      pool_(pool),
      element_(plan.problem.element_bytes),
      ld_(file.matrix().order == storage::Order::C ? plan.nc : plan.mc) {
  const int64_t lines = file.matrix().order == storage::Order::C ? plan.mc : plan.nc;
  strip_lines_ = (lines + kStrips - 1) / kStrips;
}

storage::Window Output::block(int64_t ordinal) const {
  const plan::BlockIndex index = plan::block_at(plan_, ordinal);
  const plan::Piece rows = plan::piece(plan_.problem.m, plan_.mc, index.i);
  const plan::Piece cols = plan::piece(plan_.problem.n, plan_.nc, index.j);
  return {rows.begin, cols.begin, rows.count, cols.count};
}

storage::Window Output::strips(int64_t ordinal, int first, int count) const {
  const storage::Order order = file_.matrix().order;
  const storage::Window whole = block(ordinal);
  const int64_t begin = std::min(first * strip_lines_, whole.lines(order));
  const int64_t end = std::min((first + count) * strip_lines_, whole.lines(order));
  return whole.part(order, begin, end - begin);
}

void* Output::strip_data(int index) const {
  return memory_ + index * strip_lines_ * ld_ * element_;
}

Status Output::read_strip(int64_t ordinal, int index, const storage::File& from) {
  const storage::Window window = strip(ordinal, index);
  if (window.elems() == 0) return {};
  return from.read(window, strip_data(index), ld_);
}

void Output::load(int64_t ordinal, int index) {
  pool_.submit(tickets_[static_cast<size_t>(index)], [this, ordinal, index] {
    read_bytes_ += strip(ordinal, index).elems() * element_;
    return read_strip(ordinal, index, inputs_.c);
  });
}

void Output::have(int64_t ordinal, int index) {
  pool_.submit(tickets_[static_cast<size_t>(index)], [this, ordinal, index] {
    const int64_t bytes = strip(ordinal, index).lines(file_.matrix().order) * ld_ * element_;
    char* begin = static_cast<char*>(strip_data(index));
    const auto before = static_cast<int64_t>(reinterpret_cast<uintptr_t>(begin)) % storage::kPage;
    // Where the kernel cannot, it does so at first use.
    madvise(begin - before, static_cast<size_t>(bytes + before), MADV_POPULATE_WRITE);
    return Status();
  });
}

uint64_t Output::checksum(const storage::Window& strip, const char* data) const {
  const storage::Order order = file_.matrix().order;
  uint64_t sum = 0;
  if (strip.elems() == 0) return sum;
  for (int64_t line = 0; line < strip.lines(order); ++line) {
    sum = hash_bytes(data + line * ld_ * element_,
                     static_cast<size_t>(strip.line_elems(order) * element_), sum);
  }
  return sum;
}

void Output::store(int64_t ordinal, int index, int64_t next, Journal& journal) {
  if (unfinished_ordinal_ != ordinal) {
    unfinished_ = std::make_shared<Unfinished>();
    unfinished_ordinal_ = ordinal;
  }
  pool_.submit(tickets_[static_cast<size_t>(index)],
               [this, ordinal, index, next, &journal, block = unfinished_] {
                 const storage::Window window = strip(ordinal, index);
                 const char* data = static_cast<const char*>(strip_data(index));
                 block->sums[static_cast<size_t>(index)] = checksum(window, data);
                 if (window.elems() > 0) {
                   if (Status written = file_.write(window, data, ld_); !written) return written;
                 }
                 written_bytes_ += window.elems() * element_;
                 if (block->strips_left.fetch_sub(1) == 1) {
                   // A block counts only when what it was made of is still what the run began with.
                   if (Status same = inputs_.check_unchanged(); !same) return same;
                   uint64_t sum = 0;
                   for (const uint64_t one : block->sums) sum = hash_join(sum, one);
                   if (Status noted = journal.add_block(ordinal, sum); !noted) return noted;
                   ++blocks_written_;
                   file_.start_flush();
                 }
                 if (next < 0) return Status();
                 read_bytes_ += strip(next, index).elems() * element_;
                 return read_strip(next, index, inputs_.c);
               });
}

Status Output::wait_all() {
  Status first;
  for (storage::Ticket& ticket : tickets_) {
    if (Status done = ticket.wait(); !done && first.ok()) first = done;
  }
  return first;
}

Result<bool> Output::is_intact(int64_t ordinal, uint64_t expected) {
  std::array<uint64_t, kStrips> sums{};
  for (int index = 0; index < kStrips; ++index) {
    pool_.submit(tickets_[static_cast<size_t>(index)], [this, ordinal, index, &sums] {
      if (Status read = read_strip(ordinal, index, file_); !read) return read;
      sums[static_cast<size_t>(index)] =
          checksum(strip(ordinal, index), static_cast<char*>(strip_data(index)));
      return Status();
    });
  }
  if (Status read = wait_all(); !read) return blasx::failure(read);
  uint64_t sum = 0;
  for (const uint64_t one : sums) sum = hash_join(sum, one);
  return sum == expected;
}

}  // namespace ooc_gemm::run
