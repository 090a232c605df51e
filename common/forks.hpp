// SPDX-License-Identifier: Apache-2.0
// Keeps a fork away from moments that its child could not live with: a lock held, a library half loaded, a table half filled. A few
// atomics and one number a thread, owned by forks.cpp; any thread.
#pragma once

#include <chrono>

#include "common/mutex.hpp"

namespace blasx::forks {

// No fork happens while one lives, and making one waits for a fork that is under way. Nests. To be short, and never to wait for a
// thread that may fork: a fork waits a second at most.
class Section {
 public:
  Section();
  ~Section();
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;
};

// Holds a mutex that a child may want as well.
class BLASX_SCOPED_CAPABILITY Lock {
 public:
  explicit Lock(Mutex& mutex) BLASX_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~Lock() BLASX_RELEASE() { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  const Section section_;
  Mutex& mutex_;
};

// Starts all this; call() does too, but a fork does not run handlers that are registered while it is under way: a library that is about
// to lock anything starts when it is loaded.
void watch();
// Once more, after another library was loaded: handlers run before those that were there before them, so sections are over by the
// time that library's own handler runs. Inside a Section.
void watch_again();

struct Hooks {
  // In the process that forks, when watch_again() came after the fork began: does what the other library's own handler would have done,
  // which was not there to be run either.
  void (*missed)() = nullptr;
  void (*in_child)() = nullptr;
};
// For all forks from now on. Four at most, each once however often it is given; has to stay where it is. Inside a Section.
void call(const Hooks& hooks);

// Waits until no other thread is in a Section, or until the limit.
void wait_for_sections(std::chrono::milliseconds limit);

}  // namespace blasx::forks
