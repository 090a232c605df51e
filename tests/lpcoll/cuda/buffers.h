/* SPDX-License-Identifier: Apache-2.0 */
/* Buffers of a test's ranks, on the host or on the stand-in's device, and what a rank finds wrong. */
#ifndef BLASX_TESTS_LPCOLL_CUDA_BUFFERS_H
#define BLASX_TESTS_LPCOLL_CUDA_BUFFERS_H

#include <cuda_runtime_api.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rank, ranks, faults, on_device;

static void fault(const char* what, int count) {
  if (faults++ < 5) fprintf(stderr, "rank %d: %s of %d is wrong\n", rank, what, count);
}

static void* give(size_t bytes, const void* content) {
  void* memory = NULL;
  if (!on_device) {
    memory = malloc(bytes);
    memcpy(memory, content, bytes);
  } else if (cudaMalloc(&memory, bytes) != cudaSuccess ||
             cudaMemcpy(memory, content, bytes, cudaMemcpyHostToDevice) != cudaSuccess) {
    fault("the stand-in's memory", (int)bytes);
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  return memory;
}

/* What is there, and gives the memory back. */
static void take(void* memory, size_t bytes, void* content) {
  if (!on_device) {
    memcpy(content, memory, bytes);
    free(memory);
    return;
  }
  if (cudaMemcpy(content, memory, bytes, cudaMemcpyDeviceToHost) != cudaSuccess ||
      cudaFree(memory) != cudaSuccess)
    fault("the stand-in's memory", (int)bytes);
}

static void expect(const char* what, int count, const void* got, const void* want, size_t bytes) {
  if (memcmp(got, want, bytes) != 0) fault(what, count);
}

#endif
