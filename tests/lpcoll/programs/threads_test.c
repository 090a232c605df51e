/* SPDX-License-Identifier: Apache-2.0 */
/* Several threads of each rank, each with collectives of its own on a communicator of its own, held to the MPI underneath
 * (PMPI_*). The communicators' first large calls, which make the library's state, happen at once too. Some communicators have all
 * ranks in another order, one has not all of them. Says what is wrong on stderr and ends with status 1; 77: this MPI has no
 * MPI_THREAD_MULTIPLE. */
#include <lpcoll/lpcoll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kThreads = 4, kRounds = 60, kMost = 70001 };

static atomic_int g_faults;

struct work {
  int number;
  MPI_Comm comm;
  pthread_barrier_t* together;
};

static uint64_t next_random(uint64_t* state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  return *state ^= *state << 17;
}

static void one_round(const struct work* w, uint64_t* state, int64_t* own, int64_t* got,
                      int64_t* want) {
  static const int kCounts[] = {1, 100, 512, 2000, 9001, 33000, kMost};
  int rank, ranks;
  PMPI_Comm_rank(w->comm, &rank);
  PMPI_Comm_size(w->comm, &ranks);
  const int kind = (int)(next_random(state) % 3);
  const int count = kCounts[next_random(state) % (sizeof kCounts / sizeof *kCounts)];
  const int root = (int)(next_random(state) % (uint64_t)ranks);
  const int64_t seed = (int64_t)(next_random(state) % 1000000);
  for (int i = 0; i < count; ++i) {
    own[i] = seed * (rank + 1) + i;
    got[i] = want[i] = kind == 0 ? own[i] : -1;
  }
  if (kind == 0) {
    PMPI_Bcast(want, count, MPI_INT64_T, root, w->comm);
    LP_Bcast(got, count, MPI_INT64_T, root, w->comm);
  } else if (kind == 1) {
    PMPI_Reduce(own, want, count, MPI_INT64_T, MPI_SUM, root, w->comm);
    LP_Reduce(own, got, count, MPI_INT64_T, MPI_SUM, root, w->comm);
  } else {
    PMPI_Allreduce(own, want, count, MPI_INT64_T, MPI_BXOR, w->comm);
    LP_Allreduce(own, got, count, MPI_INT64_T, MPI_BXOR, w->comm);
  }
  /* Of a reduce only the root has a result, and MPI may use the others' buffers. */
  const int has_result = kind != 1 || rank == root;
  for (int i = 0; i < count; ++i) {
    const int64_t wanted = has_result ? want[i] : -1;
    if (got[i] == wanted) continue;
    if (atomic_fetch_add(&g_faults, 1) < 5)
      fprintf(stderr, "thread %d, rank %d of %d: collective %d of %d: %lld instead of %lld at %d\n",
              w->number, rank, ranks, kind, count, (long long)got[i], (long long)wanted, i);
    return;
  }
}

static void* run(void* argument) {
  const struct work* w = argument;
  uint64_t state = 88172645463325252U + (uint64_t)w->number * 977;
  int64_t* buffers = malloc(3 * kMost * sizeof *buffers);
  pthread_barrier_wait(w->together);
  for (int i = 0; w->comm != MPI_COMM_NULL && i < kRounds; ++i)
    one_round(w, &state, buffers, buffers + kMost, buffers + 2 * kMost);
  free(buffers);
  return NULL;
}

int main(int argc, char** argv) {
  int level, rank, ranks;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (level < MPI_THREAD_MULTIPLE) {
    if (rank == 0) printf("skipped: this MPI was built without MPI_THREAD_MULTIPLE\n");
    MPI_Finalize();
    return 77;
  }
  struct work works[kThreads];
  pthread_t threads[kThreads];
  pthread_barrier_t together;
  pthread_barrier_init(&together, NULL, kThreads);
  for (int t = 0; t < kThreads; ++t) {
    const int left_out = t == kThreads - 1 && ranks > 2 && rank == 0;
    works[t].number = t;
    works[t].together = &together;
    MPI_Comm_split(MPI_COMM_WORLD, left_out ? MPI_UNDEFINED : 0, t % 2 == 0 ? rank : -rank,
                   &works[t].comm);
  }
  for (int t = 0; t < kThreads; ++t) pthread_create(&threads[t], NULL, run, &works[t]);
  for (int t = 0; t < kThreads; ++t) pthread_join(threads[t], NULL);
  for (int t = 0; t < kThreads; ++t)
    if (t % 2 == 0 && works[t].comm != MPI_COMM_NULL) MPI_Comm_free(&works[t].comm);
  int faults = atomic_load(&g_faults), all = 0;
  PMPI_Allreduce(&faults, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  if (rank == 0) printf("%d ranks, %d threads, %d faults\n", ranks, kThreads, all);
  MPI_Finalize();
  return all == 0 ? 0 : 1;
}
