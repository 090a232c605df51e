// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/run/run.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "ooc_gemm/run/operand.hpp"
#include "ooc_gemm/run/output.hpp"

namespace ooc_gemm::run {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// All memory of a run, taken at once.
class Memory {
 public:
  explicit Memory(int64_t bytes) : bytes_(static_cast<size_t>(bytes)) {
    if (bytes_ == 0) return;
    void* taken = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (taken == MAP_FAILED) return;
    data_ = static_cast<char*>(taken);
    madvise(taken, bytes_, MADV_HUGEPAGE);
  }
  ~Memory() {
    if (data_ != nullptr) munmap(data_, bytes_);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  bool refused() const { return bytes_ > 0 && data_ == nullptr; }
  char* at(int64_t byte) const { return data_ + byte; }

 private:
  size_t bytes_;
  char* data_ = nullptr;
};

int64_t whole_pages(int64_t bytes) {
  return (bytes + storage::kPage - 1) / storage::kPage * storage::kPage;
}

// Of so many products in a block it does not matter that three are cut into small calls.
constexpr int64_t kManyProducts = 16;
// By so many strips a block's last product is behind the one before it, while its panels come.
constexpr int kLag = 3;

struct Step {
  size_t place = 0;  // in the list of blocks to do
  int64_t product = 0;
};

class Run {
 public:
  Run(const Job& job, Inputs& inputs, const plan::Plan& plan, storage::File& file)
      : job_(job),
        inputs_(inputs),
        plan_(plan),
        file_(file),
        memory_(plan.buffer_bytes() + 4 * Operand::kSpareBytes + storage::kPage),
        pool_(job.threads) {
    const int64_t element = plan.problem.element_bytes;
    const int64_t a = whole_pages(plan.mc * plan.nc * element);
    const int64_t b = a + 2 * Operand::room_bytes(plan.a_panel_elems() * element);
    output_.emplace(plan_, inputs_, file_, memory_.at(0), pool_);
    a_.emplace(inputs_.a, job.op_a, order(), memory_.at(a), plan.a_panel_elems(), pool_);
    b_.emplace(inputs_.b, job.op_b, order(), memory_.at(b), plan.b_panel_elems(), pool_);
  }

  Status prepare(const std::map<int64_t, uint64_t>& finished);
  Result<Report> execute(const Callback& callback, Journal& journal);
  // Nothing is read or written any more.
  void settle() noexcept { (void)output_->wait_all(); }
  const std::map<int64_t, uint64_t>& kept() const { return kept_; }

 private:
  storage::Order order() const { return inputs_.output.order; }
  // What is multiplied in a step: where its depth begins in the panels that it is part of, which are in these slots.
  struct Factors {
    int a_slot = 0;
    int b_slot = 0;
    plan::Piece depth;
    int64_t a_begin = 0;
    int64_t b_begin = 0;
  };
  plan::Piece panel(const Step& step, int64_t products) const;
  storage::Window a_window(const Step& step) const;
  storage::Window b_window(const Step& step) const;
  Factors fetch(const Step& step);
  Result<Factors> fetch_now(const Step& step);
  void fetch_ahead(const Step& step);
  Status compute(const Step& step, const Factors& factors, Journal& journal);
  Status compute_last_two(const Step& step, const Factors& factors, Journal& journal);
  Status compute_strips(const Step& step, const Factors& factors, int begin, int end,
                        Journal& journal);
  void multiply_strips(const Step& step, const Factors& factors, int first, int count);
  std::optional<Step> after(const Step& step) const;
  void note();

  const Job& job_;
  Inputs& inputs_;
  const plan::Plan& plan_;
  storage::File& file_;
  Memory memory_;
  std::map<int64_t, uint64_t> kept_;
  std::vector<int64_t> to_do_;
  Progress progress_;
  Clock::time_point begin_ = Clock::now();
  std::optional<Output> output_;
  std::optional<Operand> a_;
  std::optional<Operand> b_;
  storage::Pool pool_;  // last: its threads are gone before what they read into
};

Status Run::prepare(const std::map<int64_t, uint64_t>& finished) {
  if (memory_.refused()) {
    return Status(StatusCode::OutOfMemory, std::to_string(plan_.buffer_bytes()) +
                                               " bytes of memory were refused by the system");
  }
  for (const auto& [ordinal, checksum] : finished) {
    if (ordinal < 0 || ordinal >= plan_.blocks()) continue;
    const auto intact = output_->is_intact(ordinal, checksum);
    if (!intact) return intact.error();
    if (*intact) kept_[ordinal] = checksum;
  }
  progress_.blocks = plan_.blocks();
  progress_.blocks_kept = static_cast<int64_t>(kept_.size());
  for (int64_t ordinal = 0; ordinal < plan_.blocks(); ++ordinal) {
    if (kept_.count(ordinal) != 0) continue;
    to_do_.push_back(ordinal);
    plan::Problem block = plan_.problem;
    block.m = output_->block(ordinal).rows;
    block.n = output_->block(ordinal).cols;
    progress_.operations += block.operations();
  }
  progress_.planned =
      plan::traffic(plan_, [&](int64_t ordinal) { return kept_.count(ordinal) != 0; });
  return {};
}

// The depth of the panel, `products` of them deep, that the step is part of.
plan::Piece Run::panel(const Step& step, int64_t products) const {
  const int64_t product = plan::panel_at(plan_, to_do_[step.place], step.product);
  return plan::piece(plan_.problem.k, plan_.kc * products, product / products);
}

storage::Window Run::a_window(const Step& step) const {
  const storage::Window block = output_->block(to_do_[step.place]);
  const plan::Piece depth = panel(step, plan_.a_products);
  return {block.row, depth.begin, block.rows, depth.count};
}

storage::Window Run::b_window(const Step& step) const {
  const storage::Window block = output_->block(to_do_[step.place]);
  const plan::Piece depth = panel(step, plan_.b_products);
  return {depth.begin, block.col, depth.count, block.cols};
}

Run::Factors Run::fetch(const Step& step) {
  if (plan_.problem.k == 0) return {};
  return {a_->fetch(a_window(step)), b_->fetch(b_window(step)), panel(step, 1),
          panel(step, plan_.a_products).begin, panel(step, plan_.b_products).begin};
}

// Waits until they are there.
Result<Run::Factors> Run::fetch_now(const Step& step) {
  const auto begin = Clock::now();
  const Factors factors = fetch(step);
  for (const Status& there : {a_->wait(factors.a_slot), b_->wait(factors.b_slot)}) {
    if (!there) return blasx::failure(there);
  }
  progress_.waiting_s += seconds_since(begin);
  return factors;
}

// The panels that come after those of this step are read into the places of those before.
void Run::fetch_ahead(const Step& step) {
  if (plan_.problem.k == 0) return;
  std::optional<Step> a = step;
  while (a && a_window(*a) == a_window(step)) a = after(*a);
  std::optional<Step> b = step;
  while (b && b_window(*b) == b_window(step)) b = after(*b);
  // The shallower one is wanted sooner.
  if (b && plan_.b_products <= plan_.a_products) b_->fetch(b_window(*b));
  if (a) a_->fetch(a_window(*a));
  if (b && plan_.b_products > plan_.a_products) b_->fetch(b_window(*b));
}

void Run::multiply_strips(const Step& step, const Factors& factors, int first, int count) {
  const int64_t ordinal = to_do_[step.place];
  const storage::Window block = output_->block(ordinal);
  const storage::Window part = output_->strips(ordinal, first, count);
  if (part.elems() == 0) return;
  Product product;
  product.element = inputs_.output.element;
  product.row_major = order() == storage::Order::C;
  product.m = part.rows;
  product.n = part.cols;
  product.alpha = job_.alpha;
  product.beta = step.product == 0 ? job_.beta : Scalar(1);
  product.c = output_->strip_data(first);
  product.ldc = output_->ld();
  if (plan_.problem.k > 0) {
    const int64_t begin = factors.depth.begin;
    product.k = factors.depth.count;
    product.a = a_->factor(factors.a_slot, part.row - block.row, begin - factors.a_begin);
    product.b = b_->factor(factors.b_slot, begin - factors.b_begin, part.col - block.col);
  } else {
    // No operand, but leading dimensions that any BLAS accepts.
    product.a.ld = product.b.ld = std::max(part.rows, part.cols);
  }
  const auto begin = Clock::now();
  multiply(product);
  progress_.multiplying_s += seconds_since(begin);
  progress_.operations_done +=
      plan_.problem.operations() *
      (static_cast<double>(part.elems()) * static_cast<double>(product.k)) /
      (static_cast<double>(plan_.problem.m) * static_cast<double>(plan_.problem.n) *
       static_cast<double>(std::max<int64_t>(plan_.problem.k, 1)));
}

Status Run::compute_strips(const Step& step, const Factors& factors, int begin, int end,
                           Journal& journal) {
  const bool last = step.product + 1 == plan_.panels();
  const bool loads = plan_.problem.reads_c && step.place + 1 < to_do_.size();
  const auto waiting = Clock::now();
  for (int strip = begin; step.product == 0 && strip < end; ++strip) {
    if (Status free = output_->wait(strip); !free) return free;
  }
  progress_.waiting_s += seconds_since(waiting);
  multiply_strips(step, factors, begin, end - begin);
  for (int strip = begin; last && strip < end; ++strip)
    output_->store(to_do_[step.place], strip, loads ? to_do_[step.place + 1] : -1, journal);
  return {};
}

// Each product is one call, but the last, which is cut so that what is finished is written while the rest is computed, and
// a first one that is computed in the place of what is still being written or of what is being read.
// A block of few products is cut into few calls: small ones would leave large devices idle.
Status Run::compute(const Step& step, const Factors& factors, Journal& journal) {
  const bool last = step.product + 1 == plan_.panels();
  const bool place_is_used = step.product == 0 && (step.place > 0 || plan_.problem.reads_c);
  const auto calls = last || place_is_used
                         ? static_cast<int>(std::min<int64_t>(2 * plan_.panels(), Output::kStrips))
                         : 1;
  const int count = (Output::kStrips + calls - 1) / calls;
  for (int begin = 0; begin < Output::kStrips; begin += count) {
    const int end = std::min(begin + count, Output::kStrips);
    if (Status done = compute_strips(step, factors, begin, end, journal); !done) return done;
  }
  return {};
}

// The last two products of a block of many, by turns, a strip of one and a strip of the other: the block's first strips are finished,
// and being written, while the last product but one is still computed. A disk that is also read from writes a block in little less
// than two products take.
Status Run::compute_last_two(const Step& step, const Factors& factors, Journal& journal) {
  const Step last = *after(step);
  Factors last_factors;
  for (int turn = 0; turn < Output::kStrips + kLag; ++turn) {
    if (turn < Output::kStrips) {
      if (Status done = compute_strips(step, factors, turn, turn + 1, journal); !done) return done;
    }
    if (turn == kLag) {
      auto there = fetch_now(last);
      if (!there) return there.error();
      last_factors = *there;
    }
    // Nothing needs the panels of the last but one any more.
    if (turn + 1 == Output::kStrips) fetch_ahead(last);
    if (turn < kLag) continue;
    const int strip = turn - kLag;
    if (Status done = compute_strips(last, last_factors, strip, strip + 1, journal); !done)
      return done;
  }
  return {};
}

std::optional<Step> Run::after(const Step& step) const {
  if (step.product + 1 < plan_.panels()) return Step{step.place, step.product + 1};
  if (step.place + 1 < to_do_.size()) return Step{step.place + 1, 0};
  return std::nullopt;
}

void Run::note() {
  progress_.blocks_done = output_->blocks_written();
  progress_.moved = {a_->read_bytes() + b_->read_bytes() + output_->read_bytes(),
                     output_->written_bytes()};
  progress_.seconds = seconds_since(begin_);
}

Result<Report> Run::execute(const Callback& callback, Journal& journal) {
  Report report;
  report.plan = plan_;
  std::optional<Step> step;
  if (!to_do_.empty()) step = Step{};
  if (step) {
    fetch(*step);
    for (int strip = 0; strip < Output::kStrips; ++strip) {
      if (plan_.problem.reads_c) {
        output_->load(to_do_[0], strip);
      } else {
        output_->have(to_do_[0], strip);
      }
    }
  }
  for (; step; step = after(*step)) {
    const auto factors = fetch_now(*step);
    if (!factors) return blasx::failure(factors.error());
    fetch_ahead(*step);
    const bool two = plan_.panels() >= kManyProducts && step->product + 2 == plan_.panels();
    if (Status done =
            two ? compute_last_two(*step, *factors, journal) : compute(*step, *factors, journal);
        !done)
      return blasx::failure(done);
    if (two) step = after(*step);
    note();
    if (callback && !callback(progress_)) {
      report.cancelled = true;
      break;
    }
  }
  // Strips that were computed are kept, whatever stopped the run.
  if (Status written = output_->wait_all(); !written) return blasx::failure(written);
  note();
  report.progress = progress_;
  return report;
}

// The identity without C0, which the rename may have replaced.
std::string without_c(const std::string& identity) {
  std::string rest = identity;
  const size_t at = rest.find(" c=");
  const size_t end = at == std::string::npos ? at : rest.find(' ', at + 1);
  if (end != std::string::npos) rest.erase(at, end - at);
  return rest;
}

Status give_name(const storage::File& file, const std::string& output, Journal& journal) {
  if (Status safe = file.flush(); !safe) return safe;
  if (Status noted = journal.add_rename(file.stamp().inode); !noted) return noted;
  const std::string part = part_path(output);
  if (rename(part.c_str(), output.c_str()) != 0) {
    return storage::io_failure(output, -1, ("cannot rename " + part).c_str(), errno);
  }
  if (Status safe = storage::flush_name(output); !safe) return safe;
  unlink(journal_path(output).c_str());
  return {};
}

bool was_renamed(const std::string& output, const Journal::Content& before,
                 const std::string& now) {
  struct stat facts {};
  return before.renamed_inode != 0 && stat(output.c_str(), &facts) == 0 &&
         facts.st_ino == before.renamed_inode && without_c(before.identity) == without_c(now);
}

}  // namespace

std::string part_path(const std::string& output) { return output + ".part"; }
std::string journal_path(const std::string& output) { return output + ".part.journal"; }

Result<Report> run(const Job& job, const Callback& callback) {
  auto inputs = open_inputs(job);
  if (!inputs) return blasx::failure(inputs.error());
  const auto plan = plan::make_plan(inputs->problem);
  if (!plan) return blasx::failure(plan.error());
  const std::string output = inputs->output.path;
  struct stat there {};
  if (stat(output.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
    return blasx::failure(StatusCode::InvalidArgument, output + ": not a regular file");
  }
  const std::string now = identity(job, *inputs, *plan);

  storage::Description part = inputs->output;
  part.path = part_path(output);
  auto file = storage::File::create(part);
  if (!file) return blasx::failure(file.error());
  // A file that was only just made, by this run or by one killed right after, says nothing.
  const bool was_there = file->stamp().size_bytes > 0;
  const Journal::Content before = Journal::read(journal_path(output));
  if (!was_there && was_renamed(output, before, now)) {
    unlink(part.path.c_str());
    unlink(journal_path(output).c_str());
    Report report;
    report.plan = *plan;
    report.was_done = true;
    return report;
  }
  const bool continues =
      was_there && before.identity == now && file->is_laid_out(inputs->raw_output);
  if (!continues) {
    unlink(journal_path(output).c_str());
    if (Status ready = file->lay_out(inputs->raw_output); !ready) {
      unlink(part.path.c_str());
      return blasx::failure(ready);
    }
  }
  Run one(job, *inputs, *plan, *file);
  if (Status ready = one.prepare(continues ? before.blocks : std::map<int64_t, uint64_t>());
      !ready) {
    return blasx::failure(ready);
  }
  auto journal = Journal::start(journal_path(output), now, one.kept());
  if (!journal) return blasx::failure(journal.error());
  // However the run ends, its threads are done with the journal before that goes.
  struct Settled {
    Run& run;
    ~Settled() { run.settle(); }
  } const settled{one};
  auto report = one.execute(callback, *journal);
  if (!report || report->cancelled) return report;
  if (Status named = give_name(*file, output, *journal); !named) return blasx::failure(named);
  return report;
}

}  // namespace ooc_gemm::run
