/* SPDX-License-Identifier: Apache-2.0 */
/* Non-blocking and persistent collectives, many under way at once, held to what they must give. With the argument `multiple` under
 * MPI_THREAD_MULTIPLE. Says what is wrong on stderr and ends with status 1. */
#include <lpcoll/lpcoll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int rank, ranks, faults;

static void fault(const char* what, int64_t where, int64_t got, int64_t want) {
  if (faults++ < 5)
    fprintf(stderr, "rank %d of %d: %s: %lld instead of %lld at %lld\n", rank, ranks, what,
            (long long)got, (long long)want, (long long)where);
}

static uint64_t g_state = 88172645463325252U;
static uint64_t next_random(void) {
  g_state ^= g_state << 13;
  g_state ^= g_state >> 7;
  return g_state ^= g_state << 17;
}

enum { kMany = 12, kInts = 90001 };

static int32_t value_of(int of, int operation, int64_t i) {
  return (int32_t)((i % 1009) * 3 + of * 7 + operation);
}
static int64_t sum_of(int operation, int64_t i) {
  int64_t sum = 0;
  for (int r = 0; r < ranks; ++r) sum += value_of(r, operation, i);
  return sum;
}

struct operation {
  int kind, count, root;
  int32_t *send, *recv;
};

/* The same on all ranks. Small ones belong to the MPI underneath, large ones do not. */
static void choose(struct operation* o) {
  static const int kCounts[] = {0, 1, 900, 1024, 5000, 30011, kInts};
  o->kind = (int)(next_random() % 3);
  o->count = kCounts[next_random() % (sizeof kCounts / sizeof *kCounts)];
  o->root = (int)(next_random() % (uint64_t)ranks);
}

static void fill(struct operation* o, int number) {
  for (int i = 0; i < kInts; ++i) {
    o->send[i] = value_of(rank, number, i);
    o->recv[i] = o->kind == 0 && rank == o->root ? o->send[i] : -1;
  }
}

static void check(const struct operation* o, int number) {
  for (int i = 0; i < kInts; ++i) {
    int64_t want = -1;
    if (i < o->count && (o->kind == 2 || (o->kind == 1 && rank == o->root)))
      want = sum_of(number, i);
    if (o->kind == 0 && (i < o->count || rank == o->root)) want = value_of(o->root, number, i);
    if (o->recv[i] != want) {
      fault(o->kind == 0   ? "broadcast"
            : o->kind == 1 ? "reduce"
                           : "allreduce",
            i, o->recv[i], want);
      return;
    }
  }
}

static void begin(const struct operation* o, MPI_Comm comm, LP_Request* request) {
  if (o->kind == 0)
    LP_Ibcast(o->recv, o->count, MPI_INT32_T, o->root, comm, request);
  else if (o->kind == 1)
    LP_Ireduce(o->send, o->recv, o->count, MPI_INT32_T, MPI_SUM, o->root, comm, request);
  else
    LP_Iallreduce(o->send, o->recv, o->count, MPI_INT32_T, MPI_SUM, comm, request);
}

/* Begun on two communicators, with a blocking one between them, waited for in another order on every rank. */
static void many(MPI_Comm other, struct operation* operations) {
  LP_Request requests[kMany];
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < kMany; ++i) {
      choose(&operations[i]);
      fill(&operations[i], i);
    }
    for (int i = 0; i < kMany; ++i) {
      begin(&operations[i], i % 3 == 2 ? other : MPI_COMM_WORLD, &requests[i]);
      if (i == kMany / 2) {
        int32_t values[3000];
        for (int k = 0; k < 3000; ++k) values[k] = rank + k;
        LP_Allreduce(MPI_IN_PLACE, values, 3000, MPI_INT32_T, MPI_MAX, MPI_COMM_WORLD);
        for (int k = 0; k < 3000; ++k)
          if (values[k] != ranks - 1 + k)
            fault("a blocking one between", k, values[k], ranks - 1 + k);
      }
    }
    if (round % 3 == 0) {
      MPI_Status statuses[kMany];
      memset(statuses, 0x55, sizeof statuses);
      LP_Waitall(kMany, requests, statuses);
      int count = -1;
      MPI_Get_count(&statuses[kMany - 1], MPI_BYTE, &count);
      if (statuses[0].MPI_SOURCE != MPI_ANY_SOURCE || count != 0) fault("status", 0, count, 0);
    } else if (round % 3 == 1) {
      for (int i = 0; i < kMany; ++i) LP_Wait(&requests[(i * 5 + rank) % kMany], MPI_STATUS_IGNORE);
    } else {
      for (int left = kMany; left > 0;) {
        for (int i = 0; i < kMany; ++i) {
          int flag = 0;
          if (requests[i] == LP_REQUEST_NULL) continue;
          LP_Test(&requests[i], &flag, MPI_STATUS_IGNORE);
          left -= flag;
        }
      }
    }
    for (int i = 0; i < kMany; ++i) {
      if (requests[i] != LP_REQUEST_NULL) fault("request left", i, 1, 0);
      check(&operations[i], i);
    }
  }
}

static void persistent(struct operation* o) {
  LP_Request requests[3];
  MPI_Datatype pair;
  MPI_Type_contiguous(2, MPI_INT32_T, &pair);
  MPI_Type_commit(&pair);
  for (int i = 0; i < 3; ++i) {
    o[i].kind = i;
    o[i].root = ranks - 1;
    o[i].count = i == 1 ? 500 : 40000;
  }
  LP_Bcast_init(o[0].recv, o[0].count / 2, pair, o[0].root, MPI_COMM_WORLD, MPI_INFO_NULL,
                &requests[0]);
  MPI_Type_free(&pair);
  LP_Reduce_init(o[1].send, o[1].recv, o[1].count, MPI_INT32_T, MPI_SUM, o[1].root, MPI_COMM_WORLD,
                 MPI_INFO_NULL, &requests[1]);
  LP_Allreduce_init(o[2].send, o[2].recv, o[2].count, MPI_INT32_T, MPI_SUM, MPI_COMM_WORLD,
                    MPI_INFO_NULL, &requests[2]);
  LP_Wait(&requests[1], MPI_STATUS_IGNORE); /* inactive: complete */
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 3; ++i) fill(&o[i], i + round);
    LP_Startall(3, requests);
    LP_Waitall(3, requests, MPI_STATUSES_IGNORE);
    for (int i = 0; i < 3; ++i) check(&o[i], i + round);
  }
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  LP_Start(&requests[0]);
  int class = MPI_SUCCESS;
  MPI_Error_class(LP_Start(&requests[0]), &class);
  if (class != MPI_ERR_REQUEST) fault("started twice", 0, class, MPI_ERR_REQUEST);
  MPI_Error_class(LP_Request_free(&requests[0]), &class);
  if (class != MPI_ERR_REQUEST) fault("freed under way", 0, class, MPI_ERR_REQUEST);
  LP_Wait(&requests[0], MPI_STATUS_IGNORE);
  for (int i = 0; i < 3; ++i) {
    LP_Request_free(&requests[i]);
    if (requests[i] != LP_REQUEST_NULL) fault("request left", i, 1, 0);
  }
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
}

/* The communicator goes while its operations are under way. */
static void freed(struct operation* o) {
  MPI_Comm comm;
  LP_Request requests[2];
  MPI_Comm_dup(MPI_COMM_WORLD, &comm);
  for (int i = 0; i < 2; ++i) {
    o[i].kind = i * 2;
    o[i].root = 0;
    o[i].count = kInts;
    fill(&o[i], i);
    begin(&o[i], comm, &requests[i]);
  }
  MPI_Comm_free(&comm);
  LP_Waitall(2, requests, MPI_STATUSES_IGNORE);
  for (int i = 0; i < 2; ++i) check(&o[i], i);
}

/* One rank goes on to the next collective, which may be the MPI underneath's or timed, while others wait for what it has begun before.
 * Nothing of long doubles goes on in a thread where the program may call MPI from one thread alone. */
static void ahead(void) {
  enum { kFirst = 30000, kMost = 300000 };
  static const int kNext[] = {3, 3000, kMost};
  long double* first = calloc(kFirst, sizeof *first);
  int32_t* next = malloc(kMost * sizeof *next);
  MPI_Comm comm;
  MPI_Comm_split(MPI_COMM_WORLD, 0, rank, &comm);
  for (int round = 0; round < 24; ++round) {
    LP_Request request;
    const int count = kNext[round % 3];
    for (int i = 0; i < kFirst; ++i) first[i] = i;
    for (int i = 0; i < count; ++i) next[i] = 2;
    LP_Iallreduce(MPI_IN_PLACE, first, kFirst, MPI_LONG_DOUBLE, MPI_SUM, comm, &request);
    if (rank != round % ranks) LP_Wait(&request, MPI_STATUS_IGNORE);
    if (round % 2 == 0)
      LP_Allreduce(MPI_IN_PLACE, next, count, MPI_INT32_T, MPI_PROD, comm);
    else
      LP_Bcast(next, count, MPI_INT32_T, round % ranks, comm);
    LP_Wait(&request, MPI_STATUS_IGNORE);
    const int32_t want = round % 2 == 0 ? 1 << ranks : 2;
    if (next[count - 1] != want) fault("the next one", count - 1, next[count - 1], want);
    if (first[kFirst - 1] != (kFirst - 1.0L) * ranks)
      fault("the one before", kFirst - 1, (int64_t)first[kFirst - 1], (kFirst - 1) * ranks);
  }
  MPI_Comm_free(&comm);
  free(first);
  free(next);
}

#ifndef __SANITIZE_THREAD__
/* With a thread of its own the library goes on while the program does not call it. */
static void alone(struct operation* o) {
  LP_Request request;
  o->kind = 2;
  o->count = kInts;
  fill(o, 3);
  begin(o, MPI_COMM_WORLD, &request);
  volatile int32_t* last = &o->recv[kInts - 1];
  for (int tries = 0; *last == -1; ++tries) {
    if (tries > 20000) {
      fault("no progress without a call", 0, 0, 1);
      break;
    }
    usleep(1000);
  }
  LP_Wait(&request, MPI_STATUS_IGNORE);
  check(o, 3);
}
#else
static void alone(struct operation* o) {
  (void)o;
} /* it looks into a buffer that is the library's */
#endif

int main(int argc, char** argv) {
  const int multiple = argc > 1 && strcmp(argv[1], "multiple") == 0;
  int level = 0;
  MPI_Init_thread(&argc, &argv, multiple ? MPI_THREAD_MULTIPLE : MPI_THREAD_FUNNELED, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  struct operation operations[kMany];
  for (int i = 0; i < kMany; ++i) {
    operations[i].send = malloc(kInts * sizeof(int32_t));
    operations[i].recv = malloc(kInts * sizeof(int32_t));
  }
  MPI_Comm other;
  MPI_Comm_split(MPI_COMM_WORLD, 0, rank, &other);
  many(other, operations);
  persistent(operations);
  freed(operations);
  ahead();
  const char* transport = getenv("LPCOLL_TRANSPORT");
  if (level == MPI_THREAD_MULTIPLE || transport == NULL) alone(operations);
  MPI_Comm_free(&other);
  for (int i = 0; i < kMany; ++i) {
    free(operations[i].send);
    free(operations[i].recv);
  }
  int all = 0;
  PMPI_Allreduce(&faults, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  if (rank == 0) printf("%d ranks, %d faults\n", ranks, all);
  MPI_Finalize();
  return all == 0 ? 0 : 1;
}
