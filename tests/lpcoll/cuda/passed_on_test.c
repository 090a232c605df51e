/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that are passed on with buffers in device memory: passed_on_test all|one|none [knows], of all ranks, of the last one, of none.
 * An MPI that does not know CUDA must not be given such a buffer; one that says it does gets what the program gave. The program's
 * MPIX_Query_cuda_support and PMPI_Bcast stand before MPI's. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <lpcoll/lpcoll.h>
#include <stdint.h>

#include "tests/fake_cuda/fake_cuda.h"
#include "tests/lpcoll/cuda/buffers.h"

enum { kMost = 70000 };
static int mpi_knows;
static const void *expected, *given;

int MPIX_Query_cuda_support(void);
int MPIX_Query_cuda_support(void) { return mpi_knows; }

int PMPI_Bcast(void* buffer, int count, MPI_Datatype type, int root, MPI_Comm comm) {
  static int (*real)(void*, int, MPI_Datatype, int, MPI_Comm);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "PMPI_Bcast");
  given = buffer;
  return buffer == expected ? MPI_SUCCESS : real(buffer, count, type, root, comm);
}

static int64_t value(int of, int i) { return (int64_t)i * 31 + of * 1000003; }
static void fill(int64_t* values, int count) {
  for (int i = 0; i < count; ++i) values[i] = value(rank, i);
}
static int64_t total(int first, int end, int i) {
  int64_t sum = 0;
  for (int of = first; of < end; ++of) sum += value(of, i);
  return sum;
}

static int64_t own[kMost], got[kMost], want[kMost];

static void sums(int count, int root, int round) {
  const size_t bytes = (size_t)count * sizeof *own;
  LP_Request request;
  fill(own, count);
  for (int i = 0; i < count; ++i) want[i] = total(0, ranks, i);
  void *send = give(bytes, own), *recv = give(bytes, own);
  if (round == 0) {
    LP_Allreduce(send, recv, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  } else {
    LP_Iallreduce(send, recv, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD, &request);
    for (int done = 0; !done;) LP_Test(&request, &done, MPI_STATUS_IGNORE);
  }
  take(recv, bytes, got);
  expect("allreduce", count, got, want, bytes);
  recv = give(bytes, own);
  LP_Allreduce(MPI_IN_PLACE, recv, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  take(recv, bytes, got);
  expect("allreduce in place", count, got, want, bytes);
  LP_Allreduce(send, got, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  expect("allreduce to the host", count, got, want, bytes);
  recv = give(bytes, own);
  LP_Allreduce(own, recv, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  take(recv, bytes, got);
  expect("allreduce from the host", count, got, want, bytes);

  recv = give(bytes, own);
  const void* from = rank == root && round > 0 ? MPI_IN_PLACE : send;
  /* Of other ranks it is not looked at; it may be too small. */
  void *small = give(sizeof *own, own), *to = rank == root ? recv : small;
  if (round == 0) {
    const int code = LP_Reduce(from, to, count, MPI_INT64_T, MPI_SUM, root, MPI_COMM_WORLD);
    if (code != MPI_SUCCESS) fault("the code of a reduce", count);
  } else {
    LP_Ireduce(from, to, count, MPI_INT64_T, MPI_SUM, root, MPI_COMM_WORLD, &request);
    LP_Wait(&request, MPI_STATUS_IGNORE);
  }
  take(recv, bytes, got);
  expect("reduce", count, got, rank == root ? want : own, bytes);
  take(small, sizeof *own, got);
  take(send, bytes, got);
  expect("what was sent", count, got, own, bytes);
}

/* Two of three ints, the third a gap; the first element begins before the buffer. */
static void broadcasts(int count, int root, int round) {
  const size_t bytes = (size_t)count * sizeof(int32_t);
  int32_t *in = (int32_t*)own, *out = (int32_t*)got, *right = (int32_t*)want;
  LP_Request request;
  MPI_Datatype pair, spaced;
  MPI_Type_create_indexed_block(2, 1, (int[]){1, 2}, MPI_INT32_T, &pair);
  MPI_Type_create_resized(pair, 4, 12, &spaced);
  MPI_Type_commit(&spaced);
  const int elements = count / 3;
  for (int gaps = 0; gaps < 2; ++gaps) {
    for (int i = 0; i < count; ++i) {
      const int sent = !gaps || (i / 3 < elements && i % 3 < 2);
      right[i] = sent ? i + 5 * root : -rank - 1;
      in[i] = rank == root || !sent ? right[i] : -9;
    }
    void* buffer = give(bytes, in);
    void* from = gaps ? (char*)buffer - 4 : buffer;
    const int n = gaps ? elements : count;
    const MPI_Datatype type = gaps ? spaced : MPI_INT32_T;
    if (round == 0) {
      LP_Bcast(from, n, type, root, MPI_COMM_WORLD);
    } else {
      LP_Ibcast(from, n, type, root, MPI_COMM_WORLD, &request);
      LP_Wait(&request, MPI_STATUS_IGNORE);
    }
    take(buffer, bytes, out);
    expect(gaps ? "broadcast with gaps" : "broadcast", count, out, right, bytes);
  }
  MPI_Type_free(&spaced);
  MPI_Type_free(&pair);
}

struct Found {
  double value;
  int place;
};

/* Not taken whatever their size: pairs, and operators that the program made. */
static void add_all(void* in, void* inout, int* count, MPI_Datatype* type) {
  (void)type;
  for (int i = 0; i < *count; ++i) ((int64_t*)inout)[i] += ((int64_t*)in)[i];
}
static void unusual(int count) {
  const size_t bytes = (size_t)count * sizeof(struct Found);
  struct Found *pairs = calloc((size_t)count, sizeof *pairs), *best = malloc(bytes);
  for (int i = 0; i < count; ++i) pairs[i] = (struct Found){(i + rank) % ranks, rank};
  void *send = give(bytes, pairs), *recv = give(bytes, pairs);
  LP_Allreduce(send, recv, count, MPI_DOUBLE_INT, MPI_MAXLOC, MPI_COMM_WORLD);
  take(recv, bytes, best);
  take(send, bytes, pairs);
  for (int i = 0; i < count; ++i)
    if (best[i].value != ranks - 1 || (best[i].place + i) % ranks != ranks - 1) {
      fault("the greatest and where", i);
      break;
    }
  free(best);
  free(pairs);

  MPI_Op add;
  MPI_Op_create(add_all, 1, &add);
  fill(own, count);
  for (int i = 0; i < count; ++i) want[i] = total(0, ranks, i);
  recv = give((size_t)count * sizeof *own, own);
  LP_Allreduce(MPI_IN_PLACE, recv, count, MPI_INT64_T, add, MPI_COMM_WORLD);
  take(recv, (size_t)count * sizeof *own, got);
  expect("the program's operator", count, got, want, (size_t)count * sizeof *own);
  MPI_Op_free(&add);
}

static void alone(int count) {
  const size_t bytes = (size_t)count * sizeof *own;
  fill(own, count);
  void *send = give(bytes, own), *recv = give(bytes, want);
  LP_Allreduce(send, recv, count, MPI_INT64_T, MPI_SUM, MPI_COMM_SELF);
  LP_Bcast(recv, count, MPI_INT64_T, 0, MPI_COMM_SELF);
  take(recv, bytes, got);
  expect("allreduce of one rank", count, got, own, bytes);
  take(send, bytes, got);
}

/* Rank 0 on one side, all others on the other. */
static void two_sides(int count) {
  const size_t bytes = (size_t)count * sizeof *own;
  MPI_Comm side, both;
  MPI_Comm_split(MPI_COMM_WORLD, rank == 0, rank, &side);
  MPI_Intercomm_create(side, 0, MPI_COMM_WORLD, rank == 0, 0, &both);
  fill(own, count);
  void *send = give(bytes, own), *recv = give(bytes, own);
  LP_Allreduce(send, recv, count, MPI_INT64_T, MPI_SUM, both);
  take(recv, bytes, got);
  for (int i = 0; i < count; ++i) want[i] = rank == 0 ? total(1, ranks, i) : value(0, i);
  expect("allreduce of two sides", count, got, want, bytes);
  recv = give(bytes, own);
  LP_Reduce(send, recv, count, MPI_INT64_T, MPI_SUM, rank == 0 ? MPI_ROOT : 0, both);
  take(recv, bytes, got);
  expect("reduce of two sides", count, got, rank == 0 ? want : own, bytes);
  for (int i = 0; i < count; ++i) want[i] = value(1, i);
  LP_Bcast(send, count, MPI_INT64_T, rank == 1 ? MPI_ROOT : rank == 0 ? 0 : MPI_PROC_NULL, both);
  take(send, bytes, got);
  expect("broadcast of two sides", count, got, rank == 0 ? want : own, bytes);
  MPI_Comm_free(&both);
  MPI_Comm_free(&side);
}

static void persistent(int count) {
  const size_t bytes = (size_t)count * sizeof *own;
  fill(own, count);
  void *send = give(bytes, own), *recv = give(bytes, own), *buffer = give(bytes, own);
  LP_Request requests[3];
  LP_Allreduce_init(send, recv, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD, MPI_INFO_NULL,
                    &requests[0]);
  LP_Bcast_init(buffer, count, MPI_INT64_T, 1, MPI_COMM_WORLD, MPI_INFO_NULL, &requests[1]);
  LP_Reduce_init(send, rank == 0 ? buffer : NULL, count, MPI_INT64_T, MPI_SUM, 0, MPI_COMM_WORLD,
                 MPI_INFO_NULL, &requests[2]);
  for (int time = 0; time < 2; ++time) {
    for (int i = 0; i < 3; ++i) {
      LP_Start(&requests[i]);
      LP_Wait(&requests[i], MPI_STATUS_IGNORE);
    }
  }
  for (int i = 0; i < 3; ++i) LP_Request_free(&requests[i]);
  take(recv, bytes, got);
  for (int i = 0; i < count; ++i) want[i] = total(0, ranks, i);
  expect("allreduce started twice", count, got, want, bytes);
  for (int i = 0; i < count && rank != 0; ++i) want[i] = value(1, i);
  take(buffer, bytes, got);
  expect("broadcast and reduce started twice", count, got, want, bytes);
  take(send, bytes, got);
}

/* The last rank cannot copy: it says so, and the others have what is theirs. */
static void refused(int count) {
  const size_t bytes = (size_t)count * sizeof *own;
  const int last = rank == ranks - 1;
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  if (last) fake_cuda_reset("devices=1 fail=cudaMemcpy:2:refuse");
  fill(own, count);
  void* buffer = give(bytes, own);
  const int code = LP_Bcast(buffer, count, MPI_INT64_T, 0, MPI_COMM_WORLD);
  if ((code != MPI_SUCCESS) != (last && on_device)) fault("the code of a refused copy", code);
  for (int i = 0; i < count; ++i) want[i] = value(last && on_device ? rank : 0, i);
  take(buffer, bytes, got);
  expect("broadcast beside a rank that cannot copy", count, got, want, bytes);
}

static void as_it_is(void) {
  void* buffer = give(sizeof own, own);
  static const int kCounts[] = {1, 5000};
  for (int i = 0; i < 2; ++i) {
    expected = buffer;
    LP_Bcast(buffer, kCounts[i], MPI_INT64_T, 0, MPI_COMM_WORLD);
    if (given != buffer) fault("what an MPI that knows CUDA is given", kCounts[i]);
    expected = NULL;
  }
  take(buffer, sizeof own, got);
}

int main(int argc, char** argv) {
  const char* where = argc > 1 ? argv[1] : "all";
  mpi_knows = argc > 2;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  cudaSetDevice(0);
  on_device = strcmp(where, "all") == 0 || (strcmp(where, "one") == 0 && rank == ranks - 1);
  static const int kCounts[] = {3, 400, 5000, kMost};
  for (int i = 0; i < 4 && !mpi_knows; ++i) {
    for (int round = 0; round < 3; ++round) {
      sums(kCounts[i], (i + round) % ranks, round % 2);
      broadcasts(kCounts[i], (i + 2 * round) % ranks, round % 2);
    }
    unusual(kCounts[i]);
    alone(kCounts[i]);
    two_sides(kCounts[i]);
    persistent(kCounts[i]);
  }
  if (fake_cuda_memory_in_use() != 0) fault("memory given back", (int)fake_cuda_memory_in_use());
  if (mpi_knows)
    as_it_is();
  else
    refused(400);
  int all = 0;
  PMPI_Allreduce(&faults, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  if (rank == 0) printf("%d ranks, device memory of %s, %d faults\n", ranks, where, all);
  MPI_Finalize();
  return all == 0 ? 0 : 1;
}
