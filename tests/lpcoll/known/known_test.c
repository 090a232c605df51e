/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of calls that were passed on must not reach to other communicators, types and kinds, nor past a watchdog's coming.
 * The program's PMPI_Bcast stands before MPI's and counts. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <lpcoll/lpcoll.h>
#include <stdio.h>
#include <stdlib.h>

enum { kInts = 1 << 14, kSmall = 5 };
static int rank, faults, passed_on;
static int values[2 * kInts];

int PMPI_Bcast(void* buffer, int count, MPI_Datatype type, int root, MPI_Comm comm) {
  static int (*real)(void*, int, MPI_Datatype, int, MPI_Comm);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "PMPI_Bcast");
  passed_on += type == MPI_INT || type == MPI_DOUBLE;
  return real(buffer, count, type, root, comm);
}

static void expect(int is_true, const char* what) {
  if (is_true) return;
  fprintf(stderr, "rank %d: %s\n", rank, what);
  ++faults;
}

/* Whether the call reached MPI. */
static int passes(int count, MPI_Datatype type, MPI_Comm comm) {
  const int before = passed_on;
  LP_Bcast(values, count, type, 0, comm);
  return passed_on > before;
}

/* On this communicator calls of 64 KiB are known to be passed on. */
static MPI_Comm passing(void) {
  MPI_Comm comm;
  MPI_Comm_dup(MPI_COMM_WORLD, &comm);
  setenv("LPCOLL_CROSSOVER", "100K", 1);
  for (int call = 0; call < 3; ++call) expect(passes(kInts, MPI_INT, comm), "64 KiB were taken");
  setenv("LPCOLL_CROSSOVER", "4K", 1);
  return comm;
}

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm comm = passing(), other;
  expect(!passes(kInts, MPI_DOUBLE, comm), "as many elements of a larger type were passed on");
  expect(passes(kInts, MPI_INT, comm), "64 KiB were taken after another type");
  expect(!passes(2 * kInts, MPI_INT, comm), "128 KiB were passed on");
  LP_Allreduce(MPI_IN_PLACE, values, 2 * kInts, MPI_INT, MPI_MAX, comm);
  expect(passes(kInts, MPI_INT, comm), "64 KiB were taken after a sum");
  MPI_Comm_dup(MPI_COMM_WORLD, &other);
  expect(!passes(kInts, MPI_INT, other), "64 KiB on another communicator were passed on");
  MPI_Comm_free(&other);
  MPI_Comm_free(&comm);
  /* MPIs give new communicators the handles of those that went. */
  for (int turn = 0; turn < 5; ++turn) {
    comm = passing();
    MPI_Comm_free(&comm);
    MPI_Comm_dup(MPI_COMM_WORLD, &other);
    expect(!passes(kInts, MPI_INT, other), "64 KiB were passed on as on one that is gone");
    MPI_Comm_free(&other);
  }
  expect(passes(kSmall, MPI_INT, MPI_COMM_WORLD), "20 bytes were taken");
  setenv("LPCOLL_WATCHDOG", "20", 1);
  MPI_Comm_dup(MPI_COMM_WORLD, &other);
  MPI_Comm_set_errhandler(other, MPI_ERRORS_RETURN);
  LP_Bcast(values, kInts, MPI_INT, 0, other);
  expect(LP_Bcast(values, kSmall + rank, MPI_INT, 0, other) != MPI_SUCCESS,
         "small calls that do not match went past the watchdog");
  MPI_Comm_free(&other);
  MPI_Finalize();
  return faults == 0 ? 0 : 1;
}
