/* SPDX-License-Identifier: Apache-2.0 */
/* A tool's LP_Bcast stands before the library's and calls it as PLP_Bcast, also where the program calls MPI_Bcast. */
#include <lpcoll/profile.h>
#include <stdio.h>

static int seen;

int LP_Bcast(void* buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm) {
  ++seen;
  return PLP_Bcast(buffer, count, datatype, root, comm);
}

int main(int argc, char** argv) {
  static int values[5000];
  int rank, faults = 0;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  for (int i = 0; i < 5000; ++i) values[i] = rank == 1 ? i : -1;
  MPI_Bcast(values, 5000, MPI_INT, 1, MPI_COMM_WORLD);
  for (int i = 0; i < 5000; ++i) faults += values[i] != i;
  if (seen != 1) {
    fprintf(stderr, "rank %d: the tool saw %d calls instead of 1\n", rank, seen);
    ++faults;
  }
  MPI_Finalize();
  return faults == 0 ? 0 : 1;
}
