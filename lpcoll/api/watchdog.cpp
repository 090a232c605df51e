// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/api/watchdog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include "common/log.hpp"

namespace lpcoll::api {
namespace {

constexpr int kTag = 30001;  // of no operation
using Clock = std::chrono::steady_clock;

// "0-2, 5": of those for whom `in` holds; named by `name` where there is but one.
std::string list(int ranks, const std::function<bool(int)>& in,
                 const std::function<std::string(int)>& name) {
  std::string text;
  int count = 0, only = 0;
  for (int r = 0; r < ranks; ++r) {
    if (!in(r)) continue;
    int end = r;
    while (end + 1 < ranks && in(end + 1)) ++end;
    text += text.empty() ? "" : ", ";
    text += end > r ? fmt::format("{}-{}", r, end) : fmt::format("{}", r);
    count += end - r + 1;
    only = r;
    r = end;
  }
  return count == 1 ? "rank " + name(only) : "ranks " + text;
}

}  // namespace

std::string text_of(const Entry& entry) {
  constexpr const char* kNames[] = {"broadcast", "reduce", "allreduce"};
  std::string text = fmt::format("{} of {} bytes", kNames[entry.kind], entry.bytes);
  if (entry.kind == static_cast<int32_t>(Kind::Bcast))
    text += fmt::format(" from rank {}", entry.root);
  if (entry.kind == static_cast<int32_t>(Kind::Reduce))
    text += fmt::format(" to rank {}", entry.root);
  return text;
}

bool matches(const Entry& a, const Entry& b) {
  const bool rooted = a.kind != static_cast<int32_t>(Kind::Allreduce);
  const bool reduces = a.kind != static_cast<int32_t>(Kind::Bcast);
  return a.kind == b.kind && a.bytes == b.bytes && (!rooted || a.root == b.root) &&
         (!reduces || (a.type == b.type && a.op == b.op));
}

class RollCall final : public Operation {
 public:
  RollCall(Roll& roll, Entry entry, std::unique_ptr<Operation> inner)
      : roll_(roll),
        entries_(roll.world_.size(), Entry{}),
        sends_(roll.world_.size(), MPI_REQUEST_NULL),
        receives_(roll.world_.size(), MPI_REQUEST_NULL),
        inner_(std::move(inner)),
        since_(Clock::now()) {
    entry.number = ++roll.calls_;
    own() = entry;
    for (int r = 0; r < ranks(); ++r) {
      if (r == roll_.rank_) continue;
      PMPI_Irecv(&entries_[at(r)], sizeof(Entry), MPI_BYTE, r, kTag, roll_.comm_,
                 &receives_[at(r)]);
      PMPI_Isend(&own(), sizeof(Entry), MPI_BYTE, r, kTag, roll_.comm_, &sends_[at(r)]);
    }
  }

  RollCall(const RollCall&) = delete;
  RollCall& operator=(const RollCall&) = delete;
  // Only where an earlier call did not match is anything left.
  ~RollCall() override {
    for (std::vector<MPI_Request>* requests : {&sends_, &receives_}) {
      for (MPI_Request& request : *requests) {
        if (request == MPI_REQUEST_NULL) continue;
        PMPI_Cancel(&request);
        PMPI_Wait(&request, MPI_STATUS_IGNORE);
      }
    }
  }

  Result<Advance> advance() override {
    if (roll_.broken() && own().number > roll_.broken_at_)
      return failure(StatusCode::InvalidArgument, "an earlier call did not match on all ranks");
    if (!met_) {
      if (!all_here()) return late();
      met_ = true;
      since_ = Clock::now();
      if (Status status = compare(); !status) return failure(std::move(status));
    }
    if (inner_ == nullptr) return Advance::Complete;
    Result<Advance> advanced = inner_->advance();
    if (advanced && *advanced == Advance::Moved) since_ = Clock::now();
    if (advanced && *advanced == Advance::Waiting && overdue())
      say(fmt::format("all ranks have come, but nothing has moved for {} s", roll_.seconds_));
    return advanced;
  }

 private:
  static size_t at(int rank) { return static_cast<size_t>(rank); }
  int ranks() const { return static_cast<int>(entries_.size()); }
  Entry& own() { return entries_[at(roll_.rank_)]; }
  bool here(int rank) const { return receives_[at(rank)] == MPI_REQUEST_NULL; }

  bool all_here() {
    bool all = true;
    for (int r = 0; r < ranks(); ++r) {
      int flag = 1;
      if (receives_[at(r)] != MPI_REQUEST_NULL)
        PMPI_Test(&receives_[at(r)], &flag, MPI_STATUS_IGNORE);
      all = all && flag != 0;
      // A send is small and done at once or soon; it must be before the entry goes.
      if (sends_[at(r)] != MPI_REQUEST_NULL) PMPI_Test(&sends_[at(r)], &flag, MPI_STATUS_IGNORE);
      all = all && flag != 0;
    }
    return all;
  }

  bool overdue() {
    if (said_ || Clock::now() - since_ < std::chrono::seconds(roll_.seconds_)) return false;
    said_ = true;
    return true;
  }

  void say(const std::string& what) {
    blasx::log::warning(fmt::format("rank {} of {}, call {}, {}: {}", roll_.name(roll_.rank_),
                                    ranks(), own().number, text_of(own()), what));
  }

  Advance late() {
    if (!overdue()) return Advance::Waiting;
    // One rank speaks for all that have come.
    for (int r = 0; r < roll_.rank_; ++r)
      if (here(r)) return Advance::Waiting;
    std::string text = fmt::format("{} s without", roll_.seconds_);
    for (int r = 0; r < ranks(); ++r) {
      if (here(r)) continue;
      const Entry& last = roll_.last_[at(r)];
      text += fmt::format(" rank {} ({});", roll_.name(r),
                          last.number == 0
                              ? std::string("no call so far")
                              : fmt::format("last in call {}, {}", last.number, text_of(last)));
    }
    const std::string others = differing();
    text += others.empty() ? " all others are in the same call" : " " + others;
    say(text);
    return Advance::Waiting;
  }

  // Those who have come for something else, by what they have come for; empty: nobody.
  std::string differing() const {
    std::string text;
    const auto name = [this](int r) { return roll_.name(r); };
    std::vector<bool> told(entries_.size(), false);
    bool any = false;
    for (int r = 0; r < ranks(); ++r) {
      if (!here(r) || told[at(r)]) continue;
      const Entry& entry = entries_[at(r)];
      const auto same = [&](int s) { return here(s) && matches(entries_[at(s)], entry); };
      any = any || !text.empty();
      text += (text.empty() ? "" : "; ") + list(ranks(), same, name) + ": " + text_of(entry);
      for (int s = 0; s < ranks(); ++s)
        if (same(s)) told[at(s)] = true;
    }
    return any ? text : "";
  }

  Status compare() {
    const std::string difference = differing();
    roll_.last_ = entries_;
    if (difference.empty()) return {};
    roll_.broken_at_ = roll_.broken() ? std::min(roll_.broken_at_, own().number) : own().number;
    return Status(StatusCode::InvalidArgument,
                  fmt::format("call {} on a communicator of {} ranks does not match: {}",
                              own().number, ranks(), difference));
  }

  Roll& roll_;
  std::vector<Entry> entries_;
  std::vector<MPI_Request> sends_, receives_;
  std::unique_ptr<Operation> inner_;
  Clock::time_point since_;
  bool met_ = false;
  bool said_ = false;
};

Roll::Roll(MPI_Comm comm, int32_t seconds) : comm_(comm), seconds_(seconds) {
  int size = 1;
  PMPI_Comm_size(comm, &size);
  PMPI_Comm_rank(comm, &rank_);
  std::vector<int> own(static_cast<size_t>(size));
  for (int r = 0; r < size; ++r) own[static_cast<size_t>(r)] = r;
  world_ = own;
  MPI_Group here = MPI_GROUP_NULL, world = MPI_GROUP_NULL;
  PMPI_Comm_group(comm, &here);
  PMPI_Comm_group(MPI_COMM_WORLD, &world);
  PMPI_Group_translate_ranks(here, size, own.data(), world, world_.data());
  PMPI_Group_free(&here);
  PMPI_Group_free(&world);
  last_.resize(world_.size());
}

std::unique_ptr<Operation> Roll::watch(Entry entry, std::unique_ptr<Operation> inner) {
  return std::make_unique<RollCall>(*this, entry, std::move(inner));
}

std::string Roll::name(int rank) const {
  const int world = world_[static_cast<size_t>(rank)];
  if (world == rank || world == MPI_UNDEFINED) return std::to_string(rank);
  return fmt::format("{} ({} in MPI_COMM_WORLD)", rank, world);
}

}  // namespace lpcoll::api
