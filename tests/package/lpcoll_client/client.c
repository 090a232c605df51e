/* SPDX-License-Identifier: Apache-2.0 */
/* What an MPI program looks like: a sum through liblpcoll, or by MPI's own name where that is preloaded. */
#ifdef PLAIN_MPI
#include <mpi.h>
#define LP_Allreduce MPI_Allreduce
#else
#include <lpcoll/lpcoll.h>
#endif
#include <stdio.h>

enum { COUNT = 1 << 18 };
static int ones[COUNT], sums[COUNT];

int main(int argc, char** argv) {
  int rank, ranks;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  for (int i = 0; i < COUNT; ++i) ones[i] = rank + 1;
  LP_Allreduce(ones, sums, COUNT, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  for (int i = 1; i < COUNT; ++i)
    if (sums[i] != sums[0]) sums[0] = -1;
  if (rank == 0) printf("sum over %d ranks: %d\n", ranks, sums[0]);
  MPI_Finalize();
  return 0;
}
