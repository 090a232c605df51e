/* SPDX-License-Identifier: Apache-2.0 */
/* The library as MPI programs meet it, held to the MPI underneath (PMPI_*) on every rank. Built twice: with WHOLE_PREFIX LP, and
 * with MPI to run under LD_PRELOAD. Says what is wrong on stderr and ends with status 1. */
#include <lpcoll/lpcoll.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASTED(prefix, name) prefix##_##name
#define PREFIXED(prefix, name) PASTED(prefix, name)
#define WHOLE_NAME(name) PREFIXED(WHOLE_PREFIX, name)

static int rank, ranks, faults;

static void fault(const char* what, const char* detail, int64_t where) {
  if (faults++ < 5)
    fprintf(stderr, "rank %d of %d: %s, %s: wrong at %lld\n", rank, ranks, what, detail,
            (long long)where);
}

static uint64_t g_state = 88172645463325252U;
static uint64_t next_random(void) {
  g_state ^= g_state << 13;
  g_state ^= g_state >> 7;
  return g_state ^= g_state << 17;
}

/* The same sizes and roots on all ranks, other values on each. */
static const int kCounts[] = {0, 1, 7, 1023, 4096, 10007, 65537, 300007};
enum { kCountCount = sizeof kCounts / sizeof *kCounts };

static void compare(const char* what, const char* detail, const void* got, const void* want,
                    int64_t bytes) {
  const unsigned char *a = got, *b = want;
  for (int64_t i = 0; i < bytes; ++i) {
    if (a[i] != b[i]) {
      fault(what, detail, i);
      return;
    }
  }
}

/* Sums of floating-point numbers may be taken in another order: (ranks - 1) roundings of partial sums no larger than the sum of
 * absolute values. All ranks must have the same bytes. */
static void compare_sums(const char* what, const double* got, const double* want,
                         const double* absolute, int count) {
  for (int i = 0; i < count; ++i) {
    if (!(fabs(got[i] - want[i]) <= 2 * (ranks - 1) * 2.3e-16 * absolute[i])) {
      fault(what, "sum of doubles", i);
      return;
    }
  }
  double* first = malloc((size_t)(count + 1) * sizeof *first);
  memcpy(first, got, (size_t)count * sizeof *first);
  PMPI_Bcast(first, count, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  compare(what, "not the same on all ranks", got, first, (int64_t)count * (int64_t)sizeof *first);
  free(first);
}

static void exact_reductions(int count, int root) {
  static const struct {
    MPI_Op op;
    const char* name;
  } kOps[] = {{MPI_SUM, "sum"},   {MPI_PROD, "prod"}, {MPI_MAX, "max"},   {MPI_MIN, "min"},
              {MPI_BAND, "band"}, {MPI_BOR, "bor"},   {MPI_BXOR, "bxor"}, {MPI_LAND, "land"},
              {MPI_LOR, "lor"},   {MPI_LXOR, "lxor"}};
  const struct {
    MPI_Datatype type;
    const char* name;
    int bytes;
  } kTypes[] = {{MPI_UNSIGNED_CHAR, "unsigned char", 1},
                {MPI_SHORT, "short", 2},
                {MPI_INT, "int", 4},
                {MPI_UNSIGNED_LONG, "unsigned long", 8},
                {MPI_INT64_T, "int64_t", 8}};
  for (size_t o = 0; o < sizeof kOps / sizeof *kOps; ++o) {
    const size_t t = (o + (size_t)root) % (sizeof kTypes / sizeof *kTypes);
    const int64_t bytes = (int64_t)count * kTypes[t].bytes;
    unsigned char* own = malloc((size_t)bytes + 64);
    unsigned char* got = malloc((size_t)bytes + 64);
    unsigned char* want = malloc((size_t)bytes + 64);
    unsigned char* kept = malloc((size_t)bytes + 64);
    char detail[64];
    snprintf(detail, sizeof detail, "%s of %d %s", kOps[o].name, count, kTypes[t].name);
    for (int64_t i = 0; i < bytes; ++i)
      own[i] = (unsigned char)(next_random() * (uint64_t)(rank + 3) >> 17);
    /* Narrow sums and products must not overflow: with vectors some MPIs saturate, with scalars they wrap. */
    for (int64_t i = 0; kTypes[t].bytes < 4 && i < bytes; ++i)
      own[i] = i % kTypes[t].bytes == 0 ? own[i] % 2 : 0;
    memcpy(kept, own, (size_t)bytes);
    memset(got, 0x5a, (size_t)bytes + 64);
    PMPI_Allreduce(own, want, count, kTypes[t].type, kOps[o].op, MPI_COMM_WORLD);
    WHOLE_NAME(Allreduce)(own, got, count, kTypes[t].type, kOps[o].op, MPI_COMM_WORLD);
    compare("allreduce", detail, got, want, bytes);
    compare("allreduce's sendbuf", detail, own, kept, bytes);
    for (int i = 0; i < 64; ++i)
      if (got[bytes + i] != 0x5a) fault("allreduce wrote past the end", detail, i);
    memcpy(got, own, (size_t)bytes);
    WHOLE_NAME(Allreduce)(MPI_IN_PLACE, got, count, kTypes[t].type, kOps[o].op, MPI_COMM_WORLD);
    compare("allreduce in place", detail, got, want, bytes);

    memset(got, 0x5a, (size_t)bytes + 64);
    WHOLE_NAME(Reduce)(own, got, count, kTypes[t].type, kOps[o].op, root, MPI_COMM_WORLD);
    if (rank == root) compare("reduce", detail, got, want, bytes);
    for (int64_t i = 0; rank != root && i < bytes; ++i)
      if (got[i] != 0x5a) {
        fault("reduce touched another rank's recvbuf", detail, i);
        break;
      }
    compare("reduce's sendbuf", detail, own, kept, bytes);
    free(own);
    free(got);
    free(want);
    free(kept);
  }
}

static void sums(int count, int root) {
  const size_t bytes = (size_t)(count + 1) * sizeof(double);
  double *own = malloc(bytes), *got = malloc(bytes), *want = malloc(bytes),
         *absolute = malloc(bytes);
  for (int i = 0; i < count; ++i)
    own[i] = ldexp((double)(int64_t)next_random() * (rank + 1), (int)(next_random() % 60) - 90);
  for (int i = 0; i < count; ++i) got[i] = fabs(own[i]);
  PMPI_Allreduce(got, absolute, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  PMPI_Allreduce(own, want, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  WHOLE_NAME(Allreduce)(own, got, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  compare_sums("allreduce", got, want, absolute, count);
  WHOLE_NAME(Reduce)
  (own, rank == root ? got : NULL, count, MPI_DOUBLE, MPI_SUM, root, MPI_COMM_WORLD);
  PMPI_Bcast(got, count, MPI_DOUBLE, root, MPI_COMM_WORLD);
  compare_sums("reduce", got, want, absolute, count);
  free(own);
  free(got);
  free(want);
  free(absolute);
}

/* Even ranks have three pairs of ints with gaps in and between elements and a lower bound below zero, odd ranks the ints alone. */
static void broadcasts(int count, int root) {
  enum { kInts = 6, kStride = 20, kBefore = 2 };
  MPI_Datatype pairs, spaced;
  MPI_Type_vector(3, 2, 5, MPI_INT, &pairs);
  MPI_Type_create_resized(pairs, -4 * kBefore, 4 * kStride, &spaced);
  MPI_Type_commit(&spaced);
  const int gaps = rank % 2 == 0;
  const size_t length = (size_t)count * kStride + kStride;
  int32_t* all = malloc(length * sizeof *all);
  for (size_t i = 0; i < length; ++i) all[i] = 0x55555555;
  int32_t* first = all + kBefore;
  for (int round = 0; round < 2; ++round) {
    const int n = count / kInts + 1;
    if (n > count) break;
#define AT(i, k)                                                       \
  (gaps ? first[(size_t)(i)*kStride + (size_t)((k) / 2 * 5 + (k) % 2)] \
        : first[(size_t)(i)*kInts + (size_t)(k)])
    for (int i = 0; rank == root && i < n; ++i)
      for (int k = 0; k < kInts; ++k)
        *(gaps ? &first[(size_t)i * kStride + (size_t)(k / 2 * 5 + k % 2)]
               : &first[(size_t)i * kInts + (size_t)k]) = i * 31 + k + round;
    if (gaps)
      WHOLE_NAME(Bcast)(first, n, spaced, root, MPI_COMM_WORLD);
    else
      WHOLE_NAME(Bcast)(first, n * kInts, MPI_INT, root, MPI_COMM_WORLD);
    for (int i = 0; i < n; ++i) {
      for (int k = 0; k < kInts; ++k)
        if (AT(i, k) != i * 31 + k + round) fault("broadcast", gaps ? "with gaps" : "without", i);
      for (int k = 2; gaps && k < 5; ++k)
        if (first[(size_t)i * kStride + (size_t)k] != 0x55555555)
          fault("broadcast", "touched a gap", i);
    }
  }
  free(all);
  MPI_Type_free(&spaced);
  MPI_Type_free(&pairs);
}

static void multiply(void* in, void* inout, int* count, MPI_Datatype* type) {
  const int64_t* a = in;
  int64_t* b = inout;
  (void)type;
  for (int i = 0; i < *count; ++i, a += 4, b += 4) {
    const int64_t c[4] = {(a[0] * b[0] + a[1] * b[2]) % 10007, (a[0] * b[1] + a[1] * b[3]) % 10007,
                          (a[2] * b[0] + a[3] * b[2]) % 10007, (a[2] * b[1] + a[3] * b[3]) % 10007};
    memcpy(b, c, sizeof c);
  }
}

static void own_operator(int count) {
  MPI_Op op;
  MPI_Datatype matrix;
  MPI_Op_create(multiply, 0, &op);
  MPI_Type_contiguous(4, MPI_INT64_T, &matrix);
  MPI_Type_commit(&matrix);
  const size_t length = (size_t)count * 4 + 1;
  int64_t *own = malloc(length * 8), *got = malloc(length * 8), *want = malloc(length * 8);
  for (size_t i = 0; i < length; ++i) own[i] = (int64_t)(next_random() >> 40) % 1000 + rank;
  PMPI_Allreduce(own, want, count, matrix, op, MPI_COMM_WORLD);
  WHOLE_NAME(Allreduce)(own, got, count, matrix, op, MPI_COMM_WORLD);
  compare("allreduce", "a program's own operator", got, want, (int64_t)count * 32);
  free(own);
  free(got);
  free(want);
  MPI_Type_free(&matrix);
  MPI_Op_free(&op);
}

#ifdef OPEN_MPI
static void expect_class(const char* what, int code, int expected) {
  int got = MPI_SUCCESS;
  MPI_Error_class(code, &got);
  if (got != expected) fault("error class of", what, got);
}

/* The same class of error as without the library. */
static void errors(void) {
  double a[4096] = {0}, b[4096];
  int class = MPI_SUCCESS;
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
#define BOTH(call)                      \
  MPI_Error_class(PMPI_##call, &class); \
  expect_class(#call, WHOLE_NAME(call), class)
  BOTH(Bcast(a, 4096, MPI_DOUBLE, ranks, MPI_COMM_WORLD));
  BOTH(Bcast(a, 4096, MPI_DOUBLE, -7, MPI_COMM_WORLD));
  BOTH(Bcast(a, -1, MPI_DOUBLE, 0, MPI_COMM_WORLD));
  BOTH(Bcast(a, 4096, MPI_DATATYPE_NULL, 0, MPI_COMM_WORLD));
  BOTH(Allreduce(a, b, -1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD));
  BOTH(Allreduce(a, b, 4096, MPI_DOUBLE, MPI_OP_NULL, MPI_COMM_WORLD));
  BOTH(Reduce(a, b, 4096, MPI_DOUBLE, MPI_SUM, ranks, MPI_COMM_WORLD));
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
}
#else
static void errors(void) {
} /* MPICH as Debian builds it does not look at counts, and falls over them */
#endif

/* Communicators come and go, with a message of the program's pending on each. */
static void communicators(void) {
  for (int i = 0; i < 20; ++i) {
    MPI_Comm comm;
    MPI_Comm_split(MPI_COMM_WORLD, (rank + i) % 2, i % 3 == 0 ? -rank : rank, &comm);
    int me, size, pending = -1, sent = rank;
    MPI_Comm_rank(comm, &me);
    MPI_Comm_size(comm, &size);
    MPI_Request requests[2];
    MPI_Irecv(&pending, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, comm, &requests[0]);
    static int32_t values[5000];
    for (int k = 0; k < 5000; ++k) values[k] = k + i;
    WHOLE_NAME(Allreduce)(MPI_IN_PLACE, values, 5000, MPI_INT32_T, MPI_SUM, comm);
    for (int k = 0; k < 5000; ++k)
      if (values[k] != (k + i) * size) fault("allreduce", "on a communicator of its own", k);
    MPI_Isend(&sent, 1, MPI_INT, (me + 1) % size, 7, comm, &requests[1]);
    for (int k = 0; k < 2; ++k) MPI_Wait(&requests[k], MPI_STATUS_IGNORE);
    if (pending < 0) fault("a message of the program's", "was taken", i);
    MPI_Comm_free(&comm);
  }
}

static void back_to_back(void) {
  static int32_t values[3000];
  for (int i = 0; i < 300; ++i) {
    const int root = i % ranks;
    for (int k = 0; k < 3000; ++k) values[k] = rank == root ? k * 7 + i : -1;
    WHOLE_NAME(Bcast)(values, 3000, MPI_INT32_T, root, MPI_COMM_WORLD);
    for (int k = 0; k < 3000; ++k)
      if (values[k] != k * 7 + i) fault("broadcast", "back to back", i);
    WHOLE_NAME(Allreduce)(MPI_IN_PLACE, values, 3000, MPI_INT32_T, MPI_MAX, MPI_COMM_WORLD);
    for (int k = 0; k < 3000; ++k)
      if (values[k] != k * 7 + i) fault("allreduce", "back to back", i);
  }
}

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  for (int i = 0; i < kCountCount; ++i) {
    exact_reductions(kCounts[i], i % ranks);
    sums(kCounts[i], (i + 1) % ranks);
    broadcasts(kCounts[i], (i + 2) % ranks);
  }
  own_operator(3001);
  errors();
  communicators();
  back_to_back();
  int all = 0;
  PMPI_Allreduce(&faults, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  if (rank == 0) printf("%d ranks, %d faults\n", ranks, all);
  MPI_Finalize();
  return all == 0 ? 0 : 1;
}
