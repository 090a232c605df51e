/* SPDX-License-Identifier: Apache-2.0 */
/* Ranks whose clocks say different things of the same calls: all must still take the same way, call after call, or they would wait
 * for each other for ever. With an argument they also leave calls to MPI, or take them back. The program's PMPI_Wtime stands before MPI's. */
#define _GNU_SOURCE
#include <lpcoll/lpcoll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { kInts = 1 << 17, kCalls = 250 };

double PMPI_Wtime(void) {
  static unsigned state;
  static double now;
  if (state == 0) state = (unsigned)getpid();
  state = state * 1103515245u + 12345u;
  return now += 1e-6 * (state >> 16 & 1023u);
}

int main(int argc, char** argv) {
  if (argc == 1) setenv("LPCOLL_CROSSOVER", "64K", 1);
  MPI_Init(&argc, &argv);
  int rank, ranks, faults = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  int* values = malloc(kInts * sizeof *values);
  for (int call = 0; call < kCalls && faults == 0; ++call) {
    for (int i = 0; i < kInts; ++i) values[i] = rank + i + call;
    LP_Allreduce(MPI_IN_PLACE, values, kInts, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    for (int i = 0; i < kInts; ++i) faults += values[i] != ranks - 1 + i + call;
    const int root = call % ranks;
    for (int i = 0; i < kInts; ++i) values[i] = rank == root ? i - call : -1;
    LP_Bcast(values, kInts, MPI_INT, root, MPI_COMM_WORLD);
    for (int i = 0; i < kInts; ++i) faults += values[i] != i - call;
  }
  if (faults > 0) fprintf(stderr, "rank %d: %d wrong values\n", rank, faults);
  free(values);
  MPI_Finalize();
  return faults == 0 ? 0 : 1;
}
