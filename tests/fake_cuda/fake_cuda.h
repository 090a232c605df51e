/* SPDX-License-Identifier: Apache-2.0
 * What tests tell and ask the stand-in. Everything may be called by any thread. */
#ifndef BLASX_FAKE_CUDA_H
#define BLASX_FAKE_CUDA_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Forgets every device, stream, allocation and count, and makes the machine that `configuration` describes; null: what the
 * environment variable FAKE_CUDA says; where it is not set, a machine without GPUs. Words separated by blanks, each with its default:
 *   devices=1            GPUs
 *   memory=256M          of each
 *   compute=90           compute capability, ten times
 *   peers=all            all, none, or pairs as 0-1,2-3: who may access whom
 *   most_peers=8         that a GPU may access at a time
 *   most_pitch=2147483647  bytes from row to row that a copy can step over
 *   order=late           late: an operation runs when something waits for it. random: also at any other time. eager: at once
 *   seed=1               of every random choice
 *   races=abort          abort: the first race ends the process. count: goes on
 *   driver=new           old: cudaGetDeviceCount says 35 and leaves the count unwritten
 *   cublas=13            major version that cublasGetVersion tells; 0: cublasCreate refuses
 *   fail=NAME:K:KIND     the K-th call (from 1) of the function (`any`: of any) since the reset:
 *                        refuse: returns an error that leaves no trace
 *                        late: succeeds, and its operation fails when it runs; from then on the device answers every call with that error
 *                        lost: the device answers this and every later call with an error
 * Unknown words end the process with a message. */
void fake_cuda_reset(const char* configuration);

/* Calls since the reset, of one function or (null) of all that can fail. */
int64_t fake_cuda_calls(const char* function);
/* True once the fault of the configuration has struck. */
int fake_cuda_failed(void);
/* Races found, and the text of the last one. */
int64_t fake_cuda_races(void);
const char* fake_cuda_last_race(void);
/* Operations that were submitted and have not run. */
int64_t fake_cuda_pending(void);
/* Bytes of device memory in use, all devices. */
int64_t fake_cuda_memory_in_use(void);

#ifdef __cplusplus
}
#endif
#endif
