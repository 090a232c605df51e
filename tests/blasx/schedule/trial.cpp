// SPDX-License-Identifier: Apache-2.0
#include "tests/blasx/schedule/trial.hpp"

#include <stdexcept>
#include <utility>

#include "tests/blasx/schedule/replay.hpp"

namespace blasx::schedule {
namespace {

constexpr int64_t kMostEvents = 1000000;  // more means that it goes round in circles

bool chance(std::mt19937_64& random, double p) {
  return p > 0 && static_cast<double>(random() >> 11) * 0x1p-53 < p;
}
size_t roll(std::mt19937_64& random, size_t n) { return random() % n; }

}  // namespace

Trial::Trial(Scenario scenario, Trouble trouble)
    : scenario_(std::move(scenario)),
      trouble_(trouble),
      graph_(scenario_.graph()),
      machine_(scenario_, graph_, trouble.none()),
      scheduler_(graph_, scenario_.devices, scenario_.links()) {}

std::string Trial::report() const { return scenario_text(scenario_) + events_text(events_); }

void Trial::exchange() {
  scheduler_.take_commands(commands_);
  machine_.issue(commands_);
}

void Trial::give(const Event& event) {
  events_.push_back(event);
  if (const auto* lost = std::get_if<DeviceLost>(&event)) machine_.told(lost->device);
  const auto* failed = std::get_if<OpFailed>(&event);
  if (failed != nullptr && failed->lost != DeviceId::Home) machine_.told(failed->lost);
  scheduler_.on(event);
}

void Trial::run(std::mt19937_64& random, bool check_each_event) {
  scheduler_.start();
  while (true) {
    exchange();
    if (check_each_event) scheduler_.check_invariants();
    if (scheduler_.finished() || scheduler_.exhausted()) break;
    if (machine_.outstanding() == 0) throw std::runtime_error("nothing under way, nothing done");
    if (static_cast<int64_t>(events_.size()) > kMostEvents) throw std::runtime_error("no end");
    give(next_event(random));
  }
  check_end();
}

Event Trial::next_event(std::mt19937_64& random) {
  if (chance(random, trouble_.loss)) {
    const DeviceId d{static_cast<int32_t>(roll(random, scenario_.devices.size()))};
    // The processor is not lost: it would take the program with it.
    if (scenario_.devices[static_cast<size_t>(index(d))].memory == Memory::Arena) {
      machine_.lose(d);
      if (roll(random, 2) == 0) return DeviceLost{d};
    }
  }
  const OpId op = machine_.answerable(roll(random, machine_.outstanding()));
  // A lost device may still tell of what it had done before.
  const bool in_the_way = machine_.obstacle(op) != DeviceId::Home;
  if (in_the_way ? roll(random, 4) != 0 : chance(random, trouble_.failure)) {
    return machine_.fail(op);
  }
  return machine_.finish(op, static_cast<int64_t>(roll(random, 1000)));
}

void Trial::check_end() const {
  scheduler_.check_invariants();
  if (machine_.outstanding() != 0) throw std::runtime_error("it ends with operations left");
  if (scheduler_.finished()) {
    machine_.check_complete();
    return;
  }
  for (size_t d = 0; d < scenario_.devices.size(); ++d) {
    const DeviceSpec& spec = scenario_.devices[d];
    const bool too_small = spec.memory == Memory::Arena && spec.blocks < 3;
    // A device whose operations fail again and again is given up too.
    const bool usable = !machine_.is_lost(DeviceId{static_cast<int32_t>(d)}) && !too_small;
    if (usable && trouble_.failure == 0) throw std::runtime_error("it gives up a usable device");
  }
}

void Trial::replay(const std::vector<Event>& events) {
  scheduler_.start();
  exchange();
  scheduler_.check_invariants();
  for (const Event& event : events) {
    if (const auto* done = std::get_if<OpDone>(&event)) machine_.finish(done->op);
    if (const auto* failed = std::get_if<OpFailed>(&event)) {
      if (failed->lost != DeviceId::Home) machine_.lose(failed->lost);
      machine_.fail(failed->op);
    }
    if (const auto* lost = std::get_if<DeviceLost>(&event)) machine_.lose(lost->device);
    give(event);
    exchange();
    scheduler_.check_invariants();
  }
  if (scheduler_.finished() || scheduler_.exhausted()) check_end();
}

}  // namespace blasx::schedule
