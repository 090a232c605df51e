/* SPDX-License-Identifier: Apache-2.0 */
/* Products of matrices that lie in files and may be larger than any memory: C = alpha op(A) op(B) + beta C0.
 *
 * Files are NumPy's .npy (two dimensions, little-endian f4, f8, c8, c16, C or Fortran order), or raw files named with their shape:
 * "a.bin@1000x2000:f8" or "a.bin@1000x2000:f8:F" for Fortran order. All matrices of a product have one type.
 * What is multiplied in memory goes to the process's BLAS by plain cblas_?gemm calls: with libblasx, to all its devices. */
#ifndef OOC_GEMM_H
#define OOC_GEMM_H

#include <stddef.h>
#include <stdint.h>

#ifndef OOC_GEMM_API
#define OOC_GEMM_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ooc_gemm_status {
  OOC_GEMM_OK = 0,
  OOC_GEMM_CANCELLED = 1, /* the callback said so; the same job continues */
  OOC_GEMM_INVALID = 2,   /* a wrong name, shape, type or size */
  OOC_GEMM_IO = 3,        /* a file that is missing, short, changed, unwritable; a full disk */
  OOC_GEMM_MEMORY = 4,    /* the memory given is too small, or was refused */
  OOC_GEMM_WRONG = 5,     /* ooc_gemm_verify: the file does not hold the product */
  OOC_GEMM_FAILED = 6     /* anything else */
} ooc_gemm_status;

/* What is to be done. Begin with `ooc_gemm_job job = OOC_GEMM_JOB_INIT;`: later versions add members at the end. Strings are
 * the caller's and needed during each call only. */
typedef struct ooc_gemm_job {
  size_t size;   /* sizeof(ooc_gemm_job) */
  const char* a; /* op(A) is m x k */
  const char* b; /* op(B) is k x n */
  const char*
      c_in; /* C0, m x n; may be null: then it is the output's file. Read only when beta is not zero. */
  const char* c_out; /* m x n; appears, or replaces what has the name, when it is whole */
  char op_a;         /* 'N' nothing, 'T' transposed, 'C' conjugated and transposed */
  char op_b;
  char order;      /* of the output: 'C', 'F', or 0: C0's, else A's */
  double alpha[2]; /* real and imaginary part */
  double beta[2];
  int64_t memory_bytes; /* for all matrix data held at a time */
  int threads;          /* that read and write; 0: 4 */
} ooc_gemm_job;
#define OOC_GEMM_JOB_INIT \
  { sizeof(ooc_gemm_job), NULL, NULL, NULL, NULL, 'N', 'N', 0, {1, 0}, {0, 0}, 0, 0 }

/* How it will be done. Blocks of C, block_m x block_n, stay in memory while panels block_k deep stream past. */
typedef struct ooc_gemm_plan {
  size_t size; /* in: sizeof(ooc_gemm_plan) */
  int64_t m, n, k;
  int64_t block_m, block_n, block_k;
  int64_t blocks;       /* of C */
  int64_t panels;       /* a block takes */
  int64_t buffer_bytes; /* memory that will be taken */
  int64_t read_bytes;   /* from beginning to end, without what a former run has done */
  int64_t written_bytes;
  double lower_bound_bytes; /* no schedule moves less through this memory */
  double operations;        /* real additions and multiplications */
  double compute_s;         /* predicted: arithmetic alone, storage alone, both at once */
  double storage_s;
  double total_s;
} ooc_gemm_plan;

typedef struct ooc_gemm_progress {
  size_t size;
  int64_t blocks, blocks_kept, blocks_done; /* all; those of a former run; this run's */
  double operations, operations_done;       /* of this run */
  int64_t read_bytes, read_bytes_planned;
  int64_t written_bytes, written_bytes_planned;
  double seconds;       /* since the run began */
  double multiplying_s; /* of them inside the BLAS */
  double waiting_s;     /* of them for storage */
} ooc_gemm_progress;

/* Called after each panel from the thread that called ooc_gemm_run; anything but 0 cancels. */
typedef int (*ooc_gemm_callback)(const ooc_gemm_progress* progress, void* context);

/* Opens the inputs and plans; writes nothing. `measure` not 0: multiplies and reads for some hundredths of a second to predict
 * the times, which are 0 otherwise. Any thread. */
OOC_GEMM_API int ooc_gemm_make_plan(const ooc_gemm_job* job, int measure, ooc_gemm_plan* plan);

/* Does the job. Until the end the output is c_out.part, with a journal of finished blocks beside it; a run that was cancelled, failed
 * or killed is continued by the same job, byte for byte, and a block that is done is not done again. `callback` and `last` (the
 * final progress) may be null. Any thread; one run an output. The method: blocks of C stay, double-buffered panels. */
OOC_GEMM_API int ooc_gemm_run(const ooc_gemm_job* job, ooc_gemm_callback callback, void* context,
                              ooc_gemm_progress* last);

/* Checks that c_out holds the job's product, by a random vector made from `seed`, reading every matrix once (Freivalds, 1977).
 * `worst`, unless null: the largest error of a row, where 1 is what rounding may cause. */
OOC_GEMM_API int ooc_gemm_verify(const ooc_gemm_job* job, uint64_t seed, double* worst);

/* The last failure of this thread in words, with file and offset; "" when there was none. Valid until its next call. */
OOC_GEMM_API const char* ooc_gemm_error(void);

#ifdef __cplusplus
}
#endif
#endif
