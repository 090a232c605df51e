// SPDX-License-Identifier: Apache-2.0
// Who may have seen whose work: vector clocks over streams and the host, and the operations that the host has not seen the end of.
// Two operations on the same bytes, one of them a write, with no order between them are a race. Pure; the machine's lock guards it.
// All threads of the host are one actor: what one has seen, all have. So nothing is reported that is no race.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace blasx::fake_cuda {

// `rows` runs of `width` bytes, `pitch` bytes apart.
struct Range {
  uintptr_t base = 0;
  size_t pitch = 0;
  size_t width = 0;
  size_t rows = 1;
};
bool overlap(const Range& a, const Range& b);

struct Access {
  Range range;
  bool write = false;
};

// How much of each stream's work is known: clock[s] operations of stream s.
using Clock = std::vector<uint64_t>;
void join(Clock& into, const Clock& other);

struct Conflict {
  std::string first, second;  // names of the operations
  Range first_range, second_range;
  bool first_writes = false, second_writes = false;
};
std::string describe(const Conflict& conflict);

class Races {
 public:
  // The number of a new stream.
  size_t add_stream();

  // The next operation of a stream, which comes after everything the host has seen and after `known`. Returns its clock; what it
  // races with is put into `conflict`.
  Clock submit(size_t stream, const std::string& name, std::span<const Access> accesses,
               const Clock& known, std::optional<Conflict>& conflict);
  // The host has seen the end of an operation with this clock.
  void host_saw(const Clock& clock);
  // An access by the host itself (it frees memory, say): the operation it races with, if any.
  std::optional<Conflict> host_touches(const std::string& name, const Access& access) const;
  // The stream's operations that have not run never will.
  void drop(size_t stream);

 private:
  struct Record {
    std::string name;
    size_t stream;
    uint64_t number;
    Access access;
  };
  static bool knows(const Clock& clock, const Record& record);
  std::optional<Conflict> find(const std::string& name, const Access& access,
                               const Clock& clock) const;

  std::vector<Clock> streams_;
  Clock host_;
  // What the host has not seen the end of, by first byte.
  std::multimap<uintptr_t, Record> unseen_;
};

}  // namespace blasx::fake_cuda
