/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of more than 2^31 bytes, whose results are known: there is no memory to have the MPI underneath make them too. Says what
 * is wrong on stderr and ends with status 1. */
#include <lpcoll/lpcoll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* 2^31 bytes and an uneven rest of several segments. */
enum { kCount = (1 << 29) + 1234567 };

static int rank, ranks, faults;

/* No power of two as a period: what lands a whole segment or 2^32 bytes off is seen. */
static uint32_t value_of(int of, int64_t i, uint32_t operation) {
  return (uint32_t)(i % 1000003) * 17 + (uint32_t)(i >> 20) + (uint32_t)of * 31 + operation;
}

static void fill(uint32_t* values, uint32_t operation) {
  for (int64_t i = 0; i < kCount; ++i) values[i] = value_of(rank, i, operation);
}

static uint32_t sum_of(int64_t i, uint32_t operation) {
  uint32_t sum = 0;
  for (int r = 0; r < ranks; ++r) sum += value_of(r, i, operation);
  return sum;
}

/* root: whose values there have to be; -1: the sum of all. */
static void check(const char* what, const uint32_t* values, uint32_t operation, int root) {
  for (int64_t i = 0; i < kCount; ++i) {
    const uint32_t want = root < 0 ? sum_of(i, operation) : value_of(root, i, operation);
    if (values[i] == want) continue;
    ++faults;
    fprintf(stderr, "rank %d of %d: %s: %u instead of %u at %lld\n", rank, ranks, what, values[i],
            want, (long long)i);
    return;
  }
}

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  uint32_t* values = malloc((size_t)kCount * sizeof *values);
  if (values == NULL) {
    fprintf(stderr, "rank %d: no memory\n", rank);
    MPI_Abort(MPI_COMM_WORLD, 1);
    return 1;
  }
  const int last = ranks - 1;
  fill(values, 1);
  LP_Bcast(values, kCount, MPI_UINT32_T, last, MPI_COMM_WORLD);
  check("broadcast", values, 1, last);

  fill(values, 2);
  LP_Allreduce(MPI_IN_PLACE, values, kCount, MPI_UINT32_T, MPI_SUM, MPI_COMM_WORLD);
  check("allreduce", values, 2, -1);

  fill(values, 3);
  if (rank == 0)
    LP_Reduce(MPI_IN_PLACE, values, kCount, MPI_UINT32_T, MPI_SUM, 0, MPI_COMM_WORLD);
  else
    LP_Reduce(values, NULL, kCount, MPI_UINT32_T, MPI_SUM, 0, MPI_COMM_WORLD);
  check("reduce", values, 3, rank == 0 ? -1 : rank);

  /* The same bytes, told by fewer elements of a larger type on one rank. */
  MPI_Datatype tall;
  const int together = 29;
  MPI_Type_contiguous(together, MPI_UINT32_T, &tall);
  MPI_Type_commit(&tall);
  const int elements = kCount / together;
  fill(values, 4);
  if (rank == 0)
    LP_Bcast(values, elements * together, MPI_UINT32_T, 0, MPI_COMM_WORLD);
  else
    LP_Bcast(values, elements, tall, 0, MPI_COMM_WORLD);
  for (int64_t i = (int64_t)elements * together; i < kCount; ++i) values[i] = value_of(0, i, 4);
  check("broadcast of blocks", values, 4, 0);
  MPI_Type_free(&tall);

  free(values);
  int all = 0;
  PMPI_Allreduce(&faults, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  if (rank == 0) printf("%d ranks, %lld bytes, %d faults\n", ranks, 4LL * kCount, all);
  MPI_Finalize();
  return all == 0 ? 0 : 1;
}
