/* SPDX-License-Identifier: Apache-2.0 */
/* Collectives of buffers in device memory: cuda_test all|one|none [peers], of all ranks, of the last one, of none although CUDA is
 * loaded; peers: bytes have to go from device to device, and sums of doubles have to be made there; else they must not. Compared with
 * the MPI underneath on host memory. */
#include <lpcoll/lpcoll.h>
#include <stdint.h>

#include "tests/fake_cuda/fake_cuda.h"
#include "tests/lpcoll/cuda/buffers.h"

static void reductions(int count, int root) {
  const size_t bytes = (size_t)count * sizeof(int64_t);
  int64_t *own = malloc(bytes), *want = malloc(bytes), *got = malloc(bytes);
  for (int i = 0; i < count; ++i) own[i] = (int64_t)i * 31 + rank * 1000003;
  PMPI_Allreduce(own, want, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  memset(got, 0x5a, bytes);

  void *send = give(bytes, own), *recv = give(bytes, got);
  LP_Allreduce(send, recv, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  take(recv, bytes, got);
  expect("allreduce", count, got, want, bytes);
  take(send, bytes, got);
  expect("allreduce's sendbuf", count, got, own, bytes);

  recv = give(bytes, own);
  LP_Allreduce(MPI_IN_PLACE, recv, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  take(recv, bytes, got);
  expect("allreduce in place", count, got, want, bytes);

  /* One buffer on the host, the other where it is. */
  recv = give(bytes, own);
  LP_Allreduce(own, recv, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  take(recv, bytes, got);
  expect("allreduce from the host", count, got, want, bytes);
  send = give(bytes, own);
  memset(got, 0x5a, bytes);
  LP_Allreduce(send, got, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  expect("allreduce to the host", count, got, want, bytes);

  memset(got, 0x5a, bytes);
  recv = give(bytes, got);
  LP_Reduce(send, rank == root ? recv : NULL, count, MPI_INT64_T, MPI_SUM, root, MPI_COMM_WORLD);
  memcpy(own, got, bytes);
  take(recv, bytes, got);
  expect("reduce", count, got, rank == root ? want : own, bytes);

  LP_Request request;
  recv = give(bytes, own);
  LP_Iallreduce(send, recv, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD, &request);
  LP_Wait(&request, MPI_STATUS_IGNORE);
  take(recv, bytes, got);
  expect("allreduce that is waited for", count, got, want, bytes);
  take(send, bytes, got);
  free(own);
  free(want);
  free(got);
}

/* Whole numbers, so that every order gives the same. */
static void sums(int count) {
  const size_t bytes = (size_t)count * sizeof(double);
  double *own = malloc(bytes), *want = malloc(bytes), *got = malloc(bytes);
  for (int i = 0; i < count; ++i) own[i] = i % 1000 * (rank + 1) - rank;
  PMPI_Allreduce(own, want, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  memset(got, 0x5a, bytes);
  void *send = give(bytes, own), *recv = give(bytes, got);
  for (int round = 0; round < 3; ++round)
    LP_Allreduce(send, recv, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  take(recv, bytes, got);
  expect("sum", count, got, want, bytes);
  LP_Allreduce(MPI_IN_PLACE, send, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  take(send, bytes, got);
  expect("sum in place", count, got, want, bytes);
  free(own);
  free(want);
  free(got);
}

/* More allocations than stay mapped: none may go that the call still needs. */
static void many_buffers(void) {
  enum { CALLS = 40, COUNT = 600 };
  const size_t bytes = COUNT * sizeof(double);
  double own[COUNT], want[COUNT], got[COUNT];
  void* buffers[2 * CALLS];
  for (int i = 0; i < COUNT; ++i) own[i] = i + rank;
  PMPI_Allreduce(own, want, COUNT, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  for (int offset = 0; offset < 2; ++offset) {
    for (int i = 0; i < 2 * CALLS; ++i) buffers[i] = give(bytes, own);
    for (int i = 0; i < CALLS; ++i)
      LP_Allreduce(buffers[2 * i], buffers[2 * i + 1], COUNT, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    /* One allocation a rank more: so the next round begins in the middle of a call. */
    LP_Allreduce(MPI_IN_PLACE, buffers[0], COUNT, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    for (int i = 0; i < 2 * CALLS; ++i) {
      take(buffers[i], bytes, got);
      expect("sum in one of many buffers", i, got, i % 2 == 1 || i == 0 ? want : own, bytes);
    }
  }
}

/* One rank's elements in a row, the others' by a type of their own: the same to MPI. */
static void broadcast_of_two_types(int count, int root) {
  const size_t bytes = (size_t)count * 2 * sizeof(int32_t);
  int32_t *want = malloc(bytes), *got = malloc(bytes);
  for (int i = 0; i < 2 * count; ++i) {
    want[i] = i * 3 + root;
    got[i] = rank == root ? want[i] : -1;
  }
  MPI_Datatype pair;
  MPI_Type_contiguous(2, MPI_INT32_T, &pair);
  MPI_Type_commit(&pair);
  void* buffer = give(bytes, got);
  if (rank == root)
    LP_Bcast(buffer, 2 * count, MPI_INT32_T, root, MPI_COMM_WORLD);
  else
    LP_Bcast(buffer, count, pair, root, MPI_COMM_WORLD);
  take(buffer, bytes, got);
  expect("broadcast of two types", count, got, want, bytes);
  MPI_Type_free(&pair);
  free(want);
  free(got);
}

static void broadcasts(int count, int root) {
  const size_t bytes = (size_t)count * sizeof(int32_t);
  int32_t *want = malloc(bytes), *got = malloc(bytes);
  for (int i = 0; i < count; ++i) {
    want[i] = i * 7 + root;
    got[i] = rank == root ? want[i] : -1;
  }
  void* buffer = give(bytes, got);
  LP_Bcast(buffer, count, MPI_INT32_T, root, MPI_COMM_WORLD);
  take(buffer, bytes, got);
  expect("broadcast", count, got, want, bytes);

  /* Two of three ints, the third a gap; the first element begins before the buffer. */
  MPI_Datatype pair, spaced;
  MPI_Type_contiguous(2, MPI_INT32_T, &pair);
  MPI_Type_create_resized(pair, 0, 12, &spaced);
  MPI_Type_commit(&spaced);
  const int elements = count / 3;
  for (int i = 0; i < count; ++i) {
    const int sent = i / 3 < elements && i % 3 < 2;
    want[i] = sent ? i + 5 * root : -rank - 1;
    got[i] = rank == root || !sent ? want[i] : -9;
  }
  buffer = give(bytes, got);
  LP_Bcast(buffer, elements, spaced, root, MPI_COMM_WORLD);
  take(buffer, bytes, got);
  expect("broadcast with gaps", count, got, want, bytes);
  MPI_Type_free(&spaced);
  MPI_Type_free(&pair);
  free(want);
  free(got);
}

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  const char* where = argc > 1 ? argv[1] : "all";
  const int peers = argc > 2;
  int devices = 1;
  cudaGetDeviceCount(&devices);
  cudaSetDevice(rank % devices);
  on_device = strcmp(where, "all") == 0 || (strcmp(where, "one") == 0 && rank == ranks - 1);
  static const int kCounts[] = {2500, 4096, 65537, 300007};
  for (int i = 0; i < 4; ++i) {
    reductions(kCounts[i], i % ranks);
    sums(kCounts[i]);
    broadcasts(kCounts[i], (i + 1) % ranks);
    broadcast_of_two_types(kCounts[i], (i + 2) % ranks);
  }
  many_buffers();
  if ((fake_cuda_calls("cublasDgeam") > 0) != peers) fault("sums on the device", peers);
  int all = 0;
  PMPI_Allreduce(&faults, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  if (rank == 0) printf("%d ranks, device memory of %s, %d faults\n", ranks, where, all);
  if (fake_cuda_memory_in_use() != 0) fault("memory given back", (int)fake_cuda_memory_in_use());
  MPI_Finalize();
  return all == 0 ? 0 : 1;
}
