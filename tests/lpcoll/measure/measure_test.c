/* SPDX-License-Identifier: Apache-2.0 */
/* An MPI that is faster than any, or slower: measure_test fast|slow|spell|later. What the library measures at the first large call
 * decides whether calls of 256 KiB are its own or passed on; in a spell its own seem slower still, but only at first; an MPI that is
 * slow later, on the program's calls, is found out on those. The program's PMPI_ functions stand before MPI's. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <lpcoll/lpcoll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kInts = 1 << 16, kLarge = 1 << 14 };
static int fast, slow_later, passed_on;
static int spell; /* calls of MPI's that it still takes */
static int mpi_was_called;

double PMPI_Wtime(void) {
  static double (*real)(void), lost;
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "PMPI_Wtime");
  if (spell > 0 && !mpi_was_called) lost += 40e-3;
  mpi_was_called = 0;
  return real() + lost;
}

static void called(int measured) {
  mpi_was_called = measured;
  spell -= measured && spell > 0;
}

/* A call of the program's has come to MPI. */
static void pass(int count, MPI_Datatype type) {
  if (count < kLarge || type != MPI_INT) return;
  ++passed_on;
  if (slow_later) usleep(20000);
}

int PMPI_Bcast(void* buffer, int count, MPI_Datatype type, int root, MPI_Comm comm) {
  static int (*real)(void*, int, MPI_Datatype, int, MPI_Comm);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "PMPI_Bcast");
  if (count >= kLarge && type == MPI_FLOAT && fast) return MPI_SUCCESS;
  if (count >= kLarge && type == MPI_FLOAT) usleep(20000);
  pass(count, type);
  return real(buffer, count, type, root, comm);
}

int PMPI_Allreduce(const void* in, void* out, int count, MPI_Datatype type, MPI_Op op,
                   MPI_Comm comm) {
  static int (*real)(const void*, void*, int, MPI_Datatype, MPI_Op, MPI_Comm);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "PMPI_Allreduce");
  called(count >= kLarge && type == MPI_FLOAT);
  if (count >= kLarge && type == MPI_FLOAT && fast) return MPI_SUCCESS;
  if (count >= kLarge && type == MPI_FLOAT) usleep(20000);
  pass(count, type);
  return real(in, out, count, type, op, comm);
}

int main(int argc, char** argv) {
  slow_later = argc > 1 && strcmp(argv[1], "later") == 0;
  fast = slow_later || (argc > 1 && strcmp(argv[1], "fast") == 0);
  spell = argc > 1 && strcmp(argv[1], "spell") == 0 ? 3 : 0;
  MPI_Init(&argc, &argv);
  int rank, ranks, faults = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  int* values = malloc(kInts * sizeof *values);
  const int rounds = slow_later ? 1 : 3, calls = slow_later ? 40 : 1;
  for (int round = 0; round < rounds; ++round) {
    MPI_Comm comm; /* the second and third have it from the first */
    MPI_Comm_dup(MPI_COMM_WORLD, &comm);
    for (int call = 0; call < calls; ++call) {
      for (int i = 0; i < kInts; ++i) values[i] = rank + i + call;
      LP_Allreduce(MPI_IN_PLACE, values, kInts, MPI_INT, MPI_MAX, comm);
      for (int i = 0; i < kInts; ++i) faults += values[i] != ranks - 1 + i + call;
      for (int i = 0; i < kInts; ++i) values[i] = rank == 1 ? i - call : -1;
      LP_Bcast(values, kInts, MPI_INT, 1, comm);
      for (int i = 0; i < kInts; ++i) faults += values[i] != i - call;
    }
    MPI_Comm_free(&comm);
  }
  /* Later: of each collective three calls before anything is timed, and three that are. */
  const int expected = slow_later ? 12 : fast ? 6 : 0;
  if (passed_on != expected) {
    fprintf(stderr, "rank %d: %d calls passed on instead of %d\n", rank, passed_on, expected);
    ++faults;
  }
  free(values);
  MPI_Finalize();
  return faults == 0 ? 0 : 1;
}
