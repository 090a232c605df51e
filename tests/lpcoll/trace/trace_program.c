/* SPDX-License-Identifier: Apache-2.0 */
/* One call of each kind, blocking and not, large and small. */
#include <lpcoll/lpcoll.h>

int main(int argc, char** argv) {
  enum { kInts = 200000, kFew = 1500 };
  static int values[kInts], sums[kInts], more[kInts];
  MPI_Init(&argc, &argv);
  LP_Bcast(values, kInts, MPI_INT, 0, MPI_COMM_WORLD);
  LP_Bcast(values, kFew, MPI_INT, 0, MPI_COMM_WORLD);
  LP_Reduce(values, sums, kInts, MPI_INT, MPI_SUM, 1, MPI_COMM_WORLD);
  LP_Allreduce(values, sums, kInts, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  LP_Request requests[2];
  LP_Ibcast(more, kInts, MPI_INT, 1, MPI_COMM_WORLD, &requests[0]);
  LP_Ibcast(values, kInts, MPI_INT, 1, MPI_COMM_WORLD, &requests[1]);
  LP_Waitall(2, requests, MPI_STATUSES_IGNORE);
  MPI_Finalize();
  return 0;
}
