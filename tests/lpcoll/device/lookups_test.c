/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for a CUDA that is not loaded costs more than a collective of 128 KiB: the library does so again only when the program has
 * loaded something. The program's dlopen stands before the system's. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <lpcoll/lpcoll.h>
#include <stdio.h>
#include <string.h>

enum { kInts = 1 << 12, kCalls = 20 };
static int lookups;

void* dlopen(const char* name, int mode) {
  static void* (*real)(const char*, int);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "dlopen");
  lookups += name != NULL && strncmp(name, "libcuda", strlen("libcuda")) == 0;
  return real(name, mode);
}

static int sums_are_wrong(int ranks) {
  static int ones[kInts], sums[kInts];
  int faults = 0;
  for (int call = 0; call < kCalls; ++call) {
    for (int i = 0; i < kInts; ++i) ones[i] = 1;
    LP_Allreduce(ones, sums, kInts, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    for (int i = 0; i < kInts; ++i) faults += sums[i] != ranks;
  }
  return faults;
}

static int lookups_of(int* faults, int ranks) {
  const int before = lookups;
  *faults += sums_are_wrong(ranks);
  return lookups - before;
}

int main(int argc, char** argv) {
  int rank, ranks, faults = 0;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  const int first = lookups_of(&faults, ranks), again = lookups_of(&faults, ranks);
  /* Of the C library, and used by nobody. */
  const char* other = "libBrokenLocale.so.1";
  const int is_new =
      dlopen(other, RTLD_LAZY | RTLD_NOLOAD) == NULL && dlopen(other, RTLD_LAZY) != NULL;
  const int later = lookups_of(&faults, ranks);
  if (first == 0 || again != 0 || (later != 0) != is_new) {
    fprintf(stderr, "rank %d: looked %d times, %d again, %d after loading %s\n", rank, first, again,
            later, other);
    ++faults;
  }
  MPI_Finalize();
  return faults == 0 ? 0 : 1;
}
