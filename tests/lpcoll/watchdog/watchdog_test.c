/* SPDX-License-Identifier: Apache-2.0 */
/* Ranks that come late or for something else, under LPCOLL_WATCHDOG=1: watchdog_test late|kind|bytes|root|small|begun|measured. What is
 * said is for the caller to look at; what is returned is looked at here. */
#include <lpcoll/lpcoll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kCount = 10000, kSmall = 5, kLarge = 300000 };
static int rank, ranks, faults;
static int values[kCount];

static void expect(int code, int class_wanted, const char* what) {
  int class = MPI_SUCCESS;
  MPI_Error_class(code, &class);
  if (class == class_wanted) return;
  fprintf(stderr, "rank %d: %s gave class %d instead of %d\n", rank, what, class, class_wanted);
  ++faults;
}

static void sum(const char* what) {
  for (int i = 0; i < kCount; ++i) values[i] = rank + i;
  expect(LP_Allreduce(MPI_IN_PLACE, values, kCount, MPI_INT, MPI_SUM, MPI_COMM_WORLD), MPI_SUCCESS,
         what);
  for (int i = 0; i < kCount; ++i)
    if (values[i] != ranks * i + ranks * (ranks - 1) / 2) {
      fprintf(stderr, "rank %d: %s: wrong at %d\n", rank, what, i);
      ++faults;
      return;
    }
}

int main(int argc, char** argv) {
  const char* mode = argc > 1 ? argv[1] : "";
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  const int odd = rank == 1; /* the one that does otherwise */
  LP_Bcast(values, kCount, MPI_INT, 2, MPI_COMM_WORLD);
  LP_Bcast(values, kSmall, MPI_INT, 0, MPI_COMM_WORLD);
  int wanted = MPI_ERR_OTHER, code = MPI_SUCCESS;
  if (strcmp(mode, "late") == 0) {
    if (odd) sleep(3);
    wanted = MPI_SUCCESS;
    sum("late");
  } else if (strcmp(mode, "kind") == 0) {
    code = odd ? LP_Bcast(values, kCount, MPI_INT, 0, MPI_COMM_WORLD)
               : LP_Allreduce(MPI_IN_PLACE, values, kCount, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  } else if (strcmp(mode, "bytes") == 0) {
    code = LP_Allreduce(MPI_IN_PLACE, values, kCount - odd, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  } else if (strcmp(mode, "root") == 0) {
    code = LP_Bcast(values, kCount, MPI_INT, odd, MPI_COMM_WORLD);
  } else if (strcmp(mode, "small") == 0) {
    code = LP_Bcast(values, odd ? kCount : kSmall, MPI_INT, 0, MPI_COMM_WORLD);
  } else if (strcmp(mode, "begun") == 0) {
    LP_Request requests[3];
    LP_Iallreduce(MPI_IN_PLACE, values, kCount, MPI_INT, MPI_SUM, MPI_COMM_WORLD, &requests[0]);
    static int other[kCount];
    LP_Ibcast(other, odd ? kSmall : kCount, MPI_INT, 0, MPI_COMM_WORLD, &requests[1]);
    expect(LP_Wait(&requests[0], MPI_STATUS_IGNORE), MPI_SUCCESS, "the one before");
    code = LP_Wait(&requests[1], MPI_STATUS_IGNORE);
  } else if (strcmp(mode, "measured") == 0) {
    /* The first of a size at which each kind would be measured. */
    static int large[kLarge];
    code = odd ? LP_Allreduce(MPI_IN_PLACE, large, kLarge, MPI_INT, MPI_SUM, MPI_COMM_WORLD)
               : LP_Bcast(large, kLarge, MPI_INT, 0, MPI_COMM_WORLD);
  } else {
    fprintf(stderr,
            "watchdog_test: late, kind, bytes, root, small, begun and measured are accepted\n");
    ++faults;
  }
  expect(code, wanted == MPI_SUCCESS ? MPI_SUCCESS : wanted, mode);
  sum("afterwards");
  int all = 0;
  PMPI_Allreduce(&faults, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  if (rank == 0) printf("%d ranks, %d faults\n", ranks, all);
  MPI_Finalize();
  return all == 0 ? 0 : 1;
}
