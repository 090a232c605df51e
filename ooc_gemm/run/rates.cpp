// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/run/rates.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include "ooc_gemm/storage/pool.hpp"

namespace ooc_gemm::run {

namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::max(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
                  1e-9);
}

double measure_product(const Inputs& inputs, int64_t memory_bytes) {
  const int64_t element = inputs.problem.element_bytes;
  int64_t side = 768;
  while (side > 16 && 3 * side * side * element > memory_bytes) side /= 2;
  std::vector<char> memory(static_cast<size_t>(3 * side * side * element));
  char* b = memory.data() + side * side * element;
  char* c = b + side * side * element;
  const Product product{inputs.output.element, true,      side, side, side, 1,
                        {memory.data(), side}, {b, side}, 0,    c,    side};
  multiply(product);  // the first call finds its library and its threads
  const auto begin = std::chrono::steady_clock::now();
  multiply(product);
  const auto n = static_cast<double>(side);
  return (inputs.problem.complex_numbers ? 8 : 2) * n * n * n / seconds_since(begin);
}

double measure_storage(const Job& job, const Inputs& inputs) {
  const storage::Description& matrix = inputs.a.matrix();
  const int64_t lines = matrix.order == storage::Order::C ? matrix.rows : matrix.cols;
  const int64_t line_bytes = matrix.data_bytes() / std::max<int64_t>(lines, 1);
  if (line_bytes == 0) return 1e9;
  const int64_t most = std::min<int64_t>(32 << 20, job.memory_bytes);
  const int64_t count = std::min(lines, most / line_bytes / job.threads * job.threads);
  if (count == 0) return 1e9;
  const storage::Window whole{0, 0, matrix.rows, matrix.cols};
  std::vector<char> memory(static_cast<size_t>(count * line_bytes));
  storage::Pool pool(job.threads);
  storage::Ticket ticket;
  const int64_t each = (count + job.threads - 1) / job.threads;
  const auto begin = std::chrono::steady_clock::now();
  for (int64_t first = 0; first < count; first += each) {
    const storage::Window part = whole.part(matrix.order, first, std::min(each, count - first));
    pool.submit(ticket, [&, part, first] {
      return inputs.a.read(part, memory.data() + first * line_bytes, part.line_elems(matrix.order));
    });
  }
  if (!ticket.wait()) return 1e9;  // the run will meet and name it
  return static_cast<double>(count * line_bytes) / seconds_since(begin);
}

}  // namespace

plan::Rates measure_rates(const Job& job, const Inputs& inputs) {
  return {measure_product(inputs, job.memory_bytes), measure_storage(job, inputs)};
}

}  // namespace ooc_gemm::run
