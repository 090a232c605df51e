/* SPDX-License-Identifier: Apache-2.0 */
/* Every predefined operator on every predefined type it is defined on, and calls of random sizes to random roots, held to the MPI
 * underneath. Values are small and whole, so that no order of a sum rounds. */
#include <complex.h>
#include <lpcoll/lpcoll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rank, ranks, faults;

static void fault(const char* what, const char* op, const char* type, int count) {
  if (faults++ < 9)
    fprintf(stderr, "rank %d of %d: %s, %s of %d %s: wrong\n", rank, ranks, what, op, count, type);
}

/* The library packs what has gaps, and only that. */
static int packed;
int PMPI_Pack(const void* in, int count, MPI_Datatype type, void* out, int bytes, int* at,
              MPI_Comm comm) {
  ++packed;
  return MPI_Pack(in, count, type, out, bytes, at, comm);
}
int PMPI_Unpack(const void* in, int bytes, int* at, void* out, int count, MPI_Datatype type,
                MPI_Comm comm) {
  ++packed;
  return MPI_Unpack(in, bytes, at, out, count, type, comm);
}

enum { kInteger = 1, kFloating = 2, kComplex = 4, kLogical = 8, kByte = 16 };

typedef struct {
  MPI_Datatype type;
  const char* name;
  int what;
  size_t size;
} Type;

typedef struct {
  MPI_Op op;
  const char* name;
  int on;
} Operator;

/* 0 and 1 where more would overflow in a product of 16 ranks. */
static void put(const Type* t, unsigned char* at, int64_t value) {
  memset(at, 0, t->size);
  const int small = (int)(value % (t->what & (kInteger | kLogical | kByte) && t->size < 4 ? 2 : 3));
  if (t->what == kFloating && t->size == sizeof(float))
    *(float*)at = (float)small;
  else if (t->what == kFloating && t->size == sizeof(double))
    *(double*)at = small;
  else if (t->what == kFloating)
    *(long double*)at = small;
  else if (t->what == kComplex && t->size == sizeof(float complex))
    *(float complex*)at = (float)small + 1.0F * I;
  else if (t->what == kComplex)
    *(double complex*)at = small - 1.0 * I;
  else if (t->what == kLogical)
    at[0] = (unsigned char)(small % 2);
  else
    at[0] = (unsigned char)small;
}

static void one(const Type* t, const Operator* o, int count, int root) {
  const size_t bytes = (size_t)count * t->size;
  unsigned char *own = malloc(bytes), *got = calloc(bytes, 1), *want = calloc(bytes, 1);
  for (int i = 0; i < count; ++i) put(t, own + (size_t)i * t->size, i * 7 + i / 11 + rank * 5);
  PMPI_Allreduce(own, want, count, t->type, o->op, MPI_COMM_WORLD);
  LP_Allreduce(own, got, count, t->type, o->op, MPI_COMM_WORLD);
  if (memcmp(got, want, bytes) != 0) fault("allreduce", o->name, t->name, count);
  memset(got, 0, bytes);
  LP_Reduce(own, got, count, t->type, o->op, root, MPI_COMM_WORLD);
  if (rank == root && memcmp(got, want, bytes) != 0) fault("reduce", o->name, t->name, count);
  memcpy(got, own, bytes);
  LP_Reduce(rank == root ? MPI_IN_PLACE : own, got, count, t->type, o->op, root, MPI_COMM_WORLD);
  if (memcmp(got, rank == root ? want : own, bytes) != 0)
    fault("reduce in place", o->name, t->name, count);
  free(own);
  free(got);
  free(want);
}

static void every_type(void) {
#define TYPE(type, what, c) \
  { type, #type, what, sizeof(c) }
  const Type types[] = {TYPE(MPI_SIGNED_CHAR, kInteger, signed char),
                        TYPE(MPI_UNSIGNED_CHAR, kInteger, unsigned char),
                        TYPE(MPI_SHORT, kInteger, short),
                        TYPE(MPI_UNSIGNED_SHORT, kInteger, unsigned short),
                        TYPE(MPI_INT, kInteger, int),
                        TYPE(MPI_UNSIGNED, kInteger, unsigned),
                        TYPE(MPI_LONG, kInteger, long),
                        TYPE(MPI_UNSIGNED_LONG, kInteger, unsigned long),
                        TYPE(MPI_LONG_LONG, kInteger, long long),
                        TYPE(MPI_UNSIGNED_LONG_LONG, kInteger, unsigned long long),
                        TYPE(MPI_INT8_T, kInteger, int8_t),
                        TYPE(MPI_INT16_T, kInteger, int16_t),
                        TYPE(MPI_INT32_T, kInteger, int32_t),
                        TYPE(MPI_INT64_T, kInteger, int64_t),
                        TYPE(MPI_UINT8_T, kInteger, uint8_t),
                        TYPE(MPI_UINT16_T, kInteger, uint16_t),
                        TYPE(MPI_UINT32_T, kInteger, uint32_t),
                        TYPE(MPI_UINT64_T, kInteger, uint64_t),
                        TYPE(MPI_FLOAT, kFloating, float),
                        TYPE(MPI_DOUBLE, kFloating, double),
                        TYPE(MPI_LONG_DOUBLE, kFloating, long double),
                        TYPE(MPI_C_FLOAT_COMPLEX, kComplex, float complex),
                        TYPE(MPI_C_DOUBLE_COMPLEX, kComplex, double complex),
                        TYPE(MPI_C_BOOL, kLogical, bool),
                        TYPE(MPI_BYTE, kByte, unsigned char)};
#undef TYPE
#define OP(op, on) \
  { op, #op, on }
  const Operator operators[] = {OP(MPI_SUM, kInteger | kFloating | kComplex),
                                OP(MPI_PROD, kInteger | kFloating | kComplex),
                                OP(MPI_MAX, kInteger | kFloating),
                                OP(MPI_MIN, kInteger | kFloating),
                                OP(MPI_LAND, kInteger | kLogical),
                                OP(MPI_LOR, kInteger | kLogical),
                                OP(MPI_LXOR, kInteger | kLogical),
                                OP(MPI_BAND, kInteger | kByte),
                                OP(MPI_BOR, kInteger | kByte),
                                OP(MPI_BXOR, kInteger | kByte)};
#undef OP
  int calls = 0;
  for (size_t t = 0; t < sizeof types / sizeof *types; ++t)
    for (size_t o = 0; o < sizeof operators / sizeof *operators; ++o)
      if (types[t].what & operators[o].on)
        one(&types[t], &operators[o], 6007 + 13 * (calls % 5), calls % ranks), ++calls;
}

/* Not for the library to carry out, but for it to pass on alike on all ranks. */
static void pairs(void) {
  enum { kCount = 4000 };
  struct Pair {
    double value;
    int where;
  };
  struct Pair* own = calloc(kCount, sizeof *own);
  struct Pair *got = calloc(kCount, sizeof *got), *want = calloc(kCount, sizeof *want);
  for (int i = 0; i < kCount; ++i) {
    own[i].value = (i * 31 + rank * 17) % 101;
    own[i].where = rank;
  }
  const MPI_Op ops[] = {MPI_MINLOC, MPI_MAXLOC};
  for (int o = 0; o < 2; ++o) {
    PMPI_Allreduce(own, want, kCount, MPI_DOUBLE_INT, ops[o], MPI_COMM_WORLD);
    LP_Allreduce(own, got, kCount, MPI_DOUBLE_INT, ops[o], MPI_COMM_WORLD);
    for (int i = 0; i < kCount; ++i)
      if (got[i].value != want[i].value || got[i].where != want[i].where) {
        fault("allreduce", o == 0 ? "MPI_MINLOC" : "MPI_MAXLOC", "MPI_DOUBLE_INT", i);
        break;
      }
  }
  free(own);
  free(got);
  free(want);
}

/* Every `stride`th value is of the type, six to each; `packs`: the library cannot send them as they lie. */
static void broadcast_derived(const char* name, MPI_Datatype type, int stride, int packs) {
  enum { kCount = 60000, kTogether = 6 };
  int32_t* values = malloc(kCount * sizeof *values);
  for (int i = 0; i < kCount; ++i) values[i] = rank == 0 ? i : -i;
  MPI_Type_commit(&type);
  packed = 0;
  LP_Bcast(values, kCount / (kTogether * stride), type, 0, MPI_COMM_WORLD);
  if ((packed > 0) != (packs && ranks > 1)) fault("packing", "broadcast", name, packed);
  for (int i = 0; i < kCount; ++i)
    if (values[i] != (rank == 0 || i % stride == 0 ? i : -i)) {
      fault("broadcast", "", name, i);
      break;
    }
  MPI_Type_free(&type);
  free(values);
}

static void derived_types(void) {
  MPI_Datatype triple, copy, six, twos, turned;
  MPI_Type_contiguous(3, MPI_INT32_T, &triple);
  MPI_Type_dup(triple, &copy);
  MPI_Type_contiguous(2, copy, &six);
  MPI_Type_free(&triple);
  MPI_Type_free(&copy);
  broadcast_derived("contiguous of contiguous", six, 1, 0);
  MPI_Type_vector(6, 1, 2, MPI_INT32_T, &twos);
  MPI_Type_create_resized(twos, 0, 12 * (MPI_Aint)sizeof(int32_t), &copy);
  MPI_Type_free(&twos);
  broadcast_derived("every other", copy, 2, 1);
  /* No gaps, but not in the order of memory. */
  const int places[] = {5, 4, 3, 2, 1, 0};
  MPI_Type_create_indexed_block(6, 1, places, MPI_INT32_T, &turned);
  MPI_Type_dup(turned, &copy);
  MPI_Type_free(&turned);
  broadcast_derived("turned round", copy, 1, 1);
}

static void random_calls(void) {
  const Type type = {MPI_INT32_T, "MPI_INT32_T", kInteger, sizeof(int32_t)};
  const Operator op = {MPI_SUM, "MPI_SUM", kInteger};
  const int most = 6000000 / ranks; /* 24 MB of all ranks' */
  uint64_t state = 88172645463325252U;
  for (int i = 0; i < 10; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    int count = most >> (state >> 8) % 14;
    count -= (int)((state >> 20) % (unsigned)(count / 4 + 1));
    const int root = (int)((state >> 40) % (unsigned)ranks);
    one(&type, &op, count, root);
    int32_t* values = malloc((size_t)count * sizeof *values + 1);
    for (int k = 0; k < count; ++k) values[k] = rank == root ? k ^ i : -1;
    LP_Bcast(values, count, MPI_INT32_T, root, MPI_COMM_WORLD);
    for (int k = 0; k < count; ++k)
      if (values[k] != (k ^ i)) {
        fault("broadcast", "", "MPI_INT32_T", count);
        break;
      }
    free(values);
  }
}

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  every_type();
  pairs();
  derived_types();
  random_calls();
  int all = 0;
  PMPI_Allreduce(&faults, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  if (rank == 0) printf("%d ranks, %d faults\n", ranks, all);
  MPI_Finalize();
  return all == 0 ? 0 : 1;
}
