// SPDX-License-Identifier: Apache-2.0
// Who takes which task: priority by what a device already has, stations, stealing, and when a slow device holds back.
#include <algorithm>
#include <limits>

#include "blasx/schedule/scheduler.hpp"

namespace blasx::schedule {
namespace {

constexpr int32_t kBusy = 2;           // tasks that leave a device nothing to wait for
constexpr int kWindow = 16;            // ready tasks looked at for one claim
constexpr double kDoubt = 8 * kWhole;  // work that each device is taken to have done as expected
constexpr double kDoubtOfSize = 2 * kDoubt;           // the same of each size of task
constexpr int64_t kWellTimed = int64_t{40} * kWhole;  // of each, before the end is planned
constexpr double kLastTasks = 1.5;                    // for each stream
constexpr int64_t kOwnTile = 1024;   // a tile in the own arena, beside one on a peer
constexpr int64_t kScoreShift = 20;  // below it the chain's length decides

}  // namespace

bool Scheduler::active(const Device& d) const {
  if (!d.spec.spare) return true;
  return std::all_of(devices_.begin(), devices_.end(),
                     [](const Device& o) { return o.spec.spare || o.lost; });
}

// It is not another's, nor of a size that is not for the device now.
bool Scheduler::meant_for(const Device& d, TaskId id, Sizes sizes) const {
  if (!owners_.empty() && &device(owners_[static_cast<size_t>(tile::index(id))]) != &d)
    return false;
  const int64_t work = info(id).work();
  return work >= sizes.least && work <= sizes.most;
}

inline bool Scheduler::startable(const Device& d, TaskId id) const {
  const tile::Task& t = info(id).task;
  return t.edge == tile::Edge::None || startable_after(d, t.predecessor, t.edge);
}

bool Scheduler::startable_after(const Device& d, TaskId predecessor, tile::Edge edge) const {
  const State before = info(predecessor).state;
  if (before == State::Committed) return true;
  // A device at home overwrites the old value at once; others only when it is stored. What a solve still needs of its predecessor
  // it waits for as for a tile on its way, which must not leave a stream with nothing to do.
  const bool early =
      edge == tile::Edge::WriteAfterRead ? d.spec.memory == Memory::Arena : d.shares_streams;
  return early && (before == State::Running || before == State::Finishing);
}

inline int64_t Scheduler::score(DeviceId d, const TaskInfo& t,
                                const std::array<int64_t, 2>& peer_weights) const {
  const auto tiles_of = [&](DeviceId holder, const std::array<int64_t, 2>& weights) {
    const int32_t* const residents = cache_.residents(holder);
    return residents[t.groups[0]] * weights[0] + residents[t.groups[1]] * weights[1];
  };
  int64_t tiles = tiles_of(d, {kOwnTile, kOwnTile});
  for (const auto& peer : cache_.near(d)) tiles += tiles_of(peer.device, peer_weights);
  const int64_t chain = std::min<int64_t>(t.task.chain_length, (int64_t{1} << kScoreShift) - 1);
  return tiles * (int64_t{1} << kScoreShift) + chain;
}

void Scheduler::make_ready(TaskId id) {
  put_back(id);
  all_need_pump_ = true;
}

// A task that had started and has to start again.
void Scheduler::return_to_ready(TaskId id) {
  ++not_started_;
  --started_[static_cast<size_t>(ready_.zone(id))];
  work_not_started_ += info(id).work();
  ++left_of_size_[static_cast<size_t>(info(id).size)];
  make_ready(id);
}

// A claimed task that could not start: nothing has changed for anyone else.
void Scheduler::put_back(TaskId id) {
  info(id).state = State::Ready;
  ready_.add(id);
}

// Of its zone's tasks. A device with enough to do waits for the next members of chains rather than begin other chains beside them.
int32_t Scheduler::last_turn(const Device& d) const {
  const auto streams = static_cast<int32_t>(d.streams.size());
  if (!d.shares_streams || d.running < streams) return std::numeric_limits<int32_t>::max();
  return started_[static_cast<size_t>(d.zone)] + 2 * streams - 1;
}

// In its own zone from the front; in others, when its own has nothing left, from the back, where their devices come last.
TaskId Scheduler::best_in_zone(DeviceId d, int32_t zone, ReadyZones::Part part, Sizes sizes) {
  const Device& dev = device(d);
  TaskId best = TaskId::None;
  int64_t best_score = std::numeric_limits<int64_t>::min();
  int seen = 0;
  // Tasks that advance together are best neighbours, as the order has them, whatever is there already.
  const int window = dev.alone && dev.shares_streams && zone == dev.zone ? 1 : kWindow;
  const auto peer_weights = ready_.peer_weights(zone);
  const bool all_meant = owners_.empty() && sizes.least == 0 && sizes.most == most_work();
  const auto look = [&](TaskId id) {
    if (!all_meant && !meant_for(dev, id, sizes)) return true;
    if (!startable(dev, id)) return true;
    const int64_t s = score(d, info(id), peer_weights);
    if (s > best_score) {
      best = id;
      best_score = s;
    }
    return ++seen < window;
  };
  if (zone == dev.zone) {
    ready_.walk(zone, part, last_turn(dev), look);
  } else {
    ready_.walk_back(zone, part, look);
  }
  if (best != TaskId::None) ready_.remove(best);
  return best;
}

// Its own zone first: a slow device of several the finer tasks, others those last. Then what others leave, whole tasks before the
// finer ones, whose devices are slow and end with them.
TaskId Scheduler::best_ready(DeviceId d, Sizes sizes) {
  using Part = ReadyZones::Part;
  if (ready_.count() == 0) return TaskId::None;
  const Device& dev = device(d);
  const bool fine = ready_.has_fine();
  TaskId id = TaskId::None;
  const auto look = [&](int32_t zone, Part part) {
    if (id == TaskId::None) id = best_in_zone(d, zone, part, sizes);
  };
  if (dev.zone != ZonePlan::kNone) {
    if (fine && dev.slow) look(dev.zone, Part::Fine);
    look(dev.zone, Part::Whole);
    if (fine) look(dev.zone, Part::Fine);
    if (id != TaskId::None || waits_for_own(dev)) return id;
  }
  // The fullest first.
  std::vector<int32_t> others;
  for (int32_t z = 0; z < ready_.zone_count(); ++z) {
    if (z != dev.zone && ready_.count(z) > 0) others.push_back(z);
  }
  std::stable_sort(others.begin(), others.end(),
                   [&](int32_t a, int32_t b) { return ready_.count(a) > ready_.count(b); });
  for (const int32_t zone : others) look(zone, Part::Whole);
  for (const int32_t zone : others) {
    if (fine) look(zone, Part::Fine);
  }
  return id;
}

// The chains of its own zone will go on before it has nothing to do: it leaves others' to them.
bool Scheduler::waits_for_own(const Device& d) const {
  return chained_ && owners_.empty() && d.running >= kBusy &&
         ready_.size(d.zone) > started_[static_cast<size_t>(d.zone)];
}

TaskId Scheduler::take_from_station(DeviceId d, Sizes sizes) {
  Device& dev = device(d);
  const auto it = std::find_if(dev.station.begin(), dev.station.end(), [&](TaskId id) {
    return meant_for(dev, id, sizes) && startable(dev, id);
  });
  if (it == dev.station.end()) return TaskId::None;
  const TaskId id = *it;
  dev.station.erase(it);
  return id;
}

// From the fullest station that has something for the thief, the last such: its owner would have come to it latest.
TaskId Scheduler::steal(DeviceId thief, Sizes sizes) {
  std::vector<TaskId>* from = nullptr;
  std::ptrdiff_t at = 0;
  for (Device& d : devices_) {
    if (&d == &device(thief) || (from != nullptr && d.station.size() <= from->size())) continue;
    const auto it = std::find_if(d.station.rbegin(), d.station.rend(), [&](TaskId id) {
      return meant_for(device(thief), id, sizes) && startable(device(thief), id);
    });
    if (it == d.station.rend()) continue;
    from = &d.station;
    at = std::distance(it, d.station.rend()) - 1;
  }
  if (from == nullptr) return TaskId::None;
  const TaskId id = (*from)[static_cast<size_t>(at)];
  from->erase(from->begin() + at);
  ++stolen_;
  return id;
}

TaskId Scheduler::next_task(DeviceId d) {
  if (ending()) return next_of_last(d);
  const Sizes sizes{0, most_work_of(device(d))};
  if (sizes.most == 0) return TaskId::None;
  TaskId id = take_from_station(d, sizes);
  if (id == TaskId::None) id = best_ready(d, sizes);
  if (id == TaskId::None) id = steal(d, sizes);
  return id;
}

// Claims only while there is more ready than all slots can begin, so that a station never starves another device.
void Scheduler::refill_station(DeviceId d) {
  Device& dev = device(d);
  if (not_started_ == 0 || !usable(dev) || ending()) return;
  while (dev.station.size() < dev.streams.size() && ready_.count() > slots_usable_) {
    const TaskId id = best_ready(d, all_sizes());
    if (id == TaskId::None) return;
    info(id).state = State::Claimed;
    dev.station.push_back(id);
  }
}

void Scheduler::give_back_station(Device& d) {
  for (const TaskId id : d.station) make_ready(id);
  d.station.clear();
}

// The end of a call whose devices differ much, once all of them have been timed well enough.
bool Scheduler::ending() const {
  if (!unequal_ || chained_ || !owners_.empty() || not_started_ == 0) return false;
  if (static_cast<double>(not_started_) > kLastTasks * streams_usable_) return false;
  return std::all_of(devices_.begin(), devices_.end(),
                     [&](const Device& d) { return !usable(d) || d.work_timed >= kWellTimed; });
}

// What it adds to the time that the device needs. A size that the device has seldom had is taken to go at its mean speed.
double Scheduler::task_ns(const Device& d, size_t size) const {
  const Timed& t = d.timed[size];
  const double unit_ns = (static_cast<double>(t.busy_ns) + kDoubtOfSize * d.unit_ns) /
                         (static_cast<double>(t.work) + kDoubtOfSize);
  return static_cast<double>(sizes_[size]) * unit_ns / std::max(1, d.spec.units);
}

// All devices, since they have to be found by number: one that is not usable never ends anything.
std::vector<Worker> Scheduler::workers() const {
  std::vector<Worker> workers;
  for (const Device& d : devices_) {
    Worker& w = workers.emplace_back();
    w.task_ns.assign(sizes_.size(), std::numeric_limits<double>::infinity());
    if (!usable(d)) continue;
    for (size_t size = 0; size < sizes_.size(); ++size) w.task_ns[size] = task_ns(d, size);
    for (const Slot& s : d.slots) {
      if (s.task == TaskId::None) continue;
      const double left = static_cast<double>(s.steps - s.done) / s.steps;
      w.free_ns += left * w.task_ns[static_cast<size_t>(info(s.task).size)];
    }
  }
  return workers;
}

// What the device would take, unless all would end sooner with a task of another size, or if it took none.
TaskId Scheduler::next_of_last(DeviceId d) {
  for (Device& o : devices_) give_back_station(o);
  const TaskId id = best_ready(d, all_sizes());
  if (id == TaskId::None) return id;
  judge_speeds();
  const int32_t wanted = info(id).size;
  const auto size = size_to_begin(workers(), static_cast<size_t>(index(d)), left_of_size_, wanted);
  if (size == wanted) return id;
  put_back(id);
  if (!size) return TaskId::None;
  const int64_t work = sizes_[static_cast<size_t>(*size)];
  return best_ready(d, {work, work});
}

// The largest task that the device may begin; 0: none. Where it is too slow for a whole tile it may still be in time with one of
// a triangle's diagonal, or a finer one. Of a chain nobody waits for a smaller member: all behind would wait.
int64_t Scheduler::most_work_of(const Device& d) {
  if (not_started_ == 0 || !owners_.empty()) return most_work();
  judge_speeds();
  if (chained_) return would_straggle(d, mean_work()) ? 0 : most_work();
  for (const int64_t size : sizes_) {
    if (!would_straggle(d, static_cast<double>(size))) return size;
  }
  return 0;
}

// A slow device leaves a task to the others where they would have done all that can be begun before it had done this one.
bool Scheduler::would_straggle(const Device& d, double work) const {
  const double task = mean_work();
  const double mine = time_of_one_more(d, work);
  int64_t waiting = ready_.count(), by_others = 0;  // tasks
  for (const Device& o : devices_) {
    waiting += static_cast<int64_t>(o.station.size());
    if (&o == &d || !usable(o)) continue;
    const double begun = (mine * pace(o) - static_cast<double>(o.work_left)) / task + 0.5;
    if (begun > 0) by_others += static_cast<int64_t>(begun);
  }
  if (by_others < waiting) return false;
  // If it were the fastest nobody would go on.
  return std::any_of(devices_.begin(), devices_.end(), [&](const Device& o) {
    return &o != &d && usable(o) && time_of_one_more(o, work) < mine;
  });
}

// How long each device takes for its work. What few kernels say may come of a start that copies disturbed: at first they are
// believed no more than that all devices keep to the speeds expected of them.
void Scheduler::judge_speeds() {
  double busy_ns = 0, work = 0;  // of all, as if they were as fast as each other
  for (const Device& d : devices_) {
    busy_ns += static_cast<double>(d.busy_ns) * d.expected_speed;
    work += static_cast<double>(d.work_timed);
  }
  if (work <= 0) return;
  const double doubt_ns = kDoubt * busy_ns / work;
  for (Device& d : devices_) {
    if (d.work_timed <= 0) continue;
    d.unit_ns = (static_cast<double>(d.busy_ns) + doubt_ns / d.expected_speed) /
                (static_cast<double>(d.work_timed) + kDoubt);
  }
}

// Work in a unit of time; 0 while nothing is known. What is not known of a device's parallelism counts for it when it is
// judged and against it when others are, so that a doubt never stops anyone.
double Scheduler::pace(const Device& d) const {
  return d.unit_ns > 0 ? std::max(1, d.spec.units) / d.unit_ns : 0;
}

double Scheduler::time_of_one_more(const Device& d, double work) const {
  const double left = static_cast<double>(d.work_left) + work;
  const double units = d.spec.units > 0 ? d.spec.units : static_cast<double>(d.streams.size());
  return std::max(work, left / units) * d.unit_ns;
}

}  // namespace blasx::schedule
