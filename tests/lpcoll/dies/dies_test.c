/* SPDX-License-Identifier: Apache-2.0 */
/* A rank is killed inside a collective; nobody may go on with what did not arrive. Prints "went on" where one does. */
#include <lpcoll/lpcoll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { kInts = 1 << 20, kLast = 200 };

static void* kill_soon(void* unused) {
  usleep(100000);
  kill(getpid(), SIGKILL);
  return unused;
}

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  int* values = malloc(kInts * sizeof *values);
  pthread_t thread;
  if (rank == 1) pthread_create(&thread, NULL, kill_soon, NULL);
  fprintf(stderr, "rank %d begins\n", rank);
  for (int round = 0; round < kLast; ++round) {
    for (int i = 0; i < kInts; ++i) values[i] = rank + i;
    LP_Allreduce(MPI_IN_PLACE, values, kInts, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    for (int i = 0; i < kInts; ++i)
      if (values[i] != 2 + i) {
        printf("went on with %d at %d of round %d\n", values[i], i, round);
        fflush(stdout);
        return 0;
      }
  }
  if (rank != 1) sleep(60); /* the launcher ends the job */
  return 0;
}
