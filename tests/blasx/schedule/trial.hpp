// SPDX-License-Identifier: Apache-2.0
// One run of a scheduler on a model machine, from start to end, with events drawn at random or given. Owned by one test.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "blasx/schedule/scheduler.hpp"
#include "tests/blasx/schedule/model_machine.hpp"
#include "tests/blasx/schedule/scenario.hpp"

namespace blasx::schedule {

// How often what goes wrong.
struct Trouble {
  double failure = 0;  // of an operation, by chance
  double loss = 0;     // of a device, before an event
  bool none() const { return failure == 0 && loss == 0; }
};

class Trial {
 public:
  Trial(Scenario scenario, Trouble trouble);

  // Runs to the end; throws what went wrong, then report() tells how to see it again.
  void run(std::mt19937_64& random, bool check_each_event);
  // The same from a list of events, checking after each; ends with the list.
  void replay(const std::vector<Event>& events);

  const std::vector<Event>& events() const { return events_; }
  // The scenario and the events so far, to be pasted into a file for replay.
  std::string report() const;

 private:
  Event next_event(std::mt19937_64& random);
  void exchange();
  void give(const Event& event);
  void check_end() const;

  Scenario scenario_;
  Trouble trouble_;
  tile::TaskGraph graph_;
  ModelMachine machine_;
  Scheduler scheduler_;
  std::vector<Command> commands_;
  std::vector<Event> events_;
};

}  // namespace blasx::schedule
