/* SPDX-License-Identifier: Apache-2.0 */
/* The names under which Fortran programs call. In Open MPI these lead past the C names, so they have to be taken by themselves; in
 * MPICH they call the C names, and nothing is needed here. All arguments come by address. `ierror` is null where a program of the
 * module mpi_f08 left it out. */
#include <lpcoll/lpcoll.h>

#ifdef OPEN_MPI

/* Fortran's MPI_IN_PLACE and MPI_BOTTOM are variables in memory, known by their addresses. They are in Open MPI's C library, so that
 * C programs need no Fortran. */
extern int mpi_fortran_in_place_ __attribute__((weak));
extern int mpi_fortran_bottom_ __attribute__((weak));

static void* buffer_of(void* address) {
  if (address == (void*)&mpi_fortran_in_place_) return MPI_IN_PLACE;
  if (address == (void*)&mpi_fortran_bottom_) return MPI_BOTTOM;
  return address;
}

static void tell(MPI_Fint* ierror, int code) {
  if (ierror != NULL) *ierror = (MPI_Fint)code;
}

static void bcast(void* buffer, const MPI_Fint* count, const MPI_Fint* datatype,
                  const MPI_Fint* root, const MPI_Fint* comm, MPI_Fint* ierror) {
  tell(ierror, LP_Bcast(buffer_of(buffer), (int)*count, PMPI_Type_f2c(*datatype), (int)*root,
                        PMPI_Comm_f2c(*comm)));
}

static void reduce(void* sendbuf, void* recvbuf, const MPI_Fint* count, const MPI_Fint* datatype,
                   const MPI_Fint* op, const MPI_Fint* root, const MPI_Fint* comm,
                   MPI_Fint* ierror) {
  tell(ierror,
       LP_Reduce(buffer_of(sendbuf), buffer_of(recvbuf), (int)*count, PMPI_Type_f2c(*datatype),
                 PMPI_Op_f2c(*op), (int)*root, PMPI_Comm_f2c(*comm)));
}

static void allreduce(void* sendbuf, void* recvbuf, const MPI_Fint* count, const MPI_Fint* datatype,
                      const MPI_Fint* op, const MPI_Fint* comm, MPI_Fint* ierror) {
  tell(ierror, LP_Allreduce(buffer_of(sendbuf), buffer_of(recvbuf), (int)*count,
                            PMPI_Type_f2c(*datatype), PMPI_Op_f2c(*op), PMPI_Comm_f2c(*comm)));
}

#define BCAST(name)                                                                    \
  LPCOLL_API void name(void* buffer, const MPI_Fint* count, const MPI_Fint* datatype,  \
                       const MPI_Fint* root, const MPI_Fint* comm, MPI_Fint* ierror) { \
    bcast(buffer, count, datatype, root, comm, ierror);                                \
  }
#define REDUCE(name)                                                                       \
  LPCOLL_API void name(void* sendbuf, void* recvbuf, const MPI_Fint* count,                \
                       const MPI_Fint* datatype, const MPI_Fint* op, const MPI_Fint* root, \
                       const MPI_Fint* comm, MPI_Fint* ierror) {                           \
    reduce(sendbuf, recvbuf, count, datatype, op, root, comm, ierror);                     \
  }
#define ALLREDUCE(name)                                                                    \
  LPCOLL_API void name(void* sendbuf, void* recvbuf, const MPI_Fint* count,                \
                       const MPI_Fint* datatype, const MPI_Fint* op, const MPI_Fint* comm, \
                       MPI_Fint* ierror) {                                                 \
    allreduce(sendbuf, recvbuf, count, datatype, op, comm, ierror);                        \
  }
/* As compilers spell the name, and as the module mpi_f08 does. */
#define SPELLINGS(FORM, lower, UPPER, Mixed) \
  FORM(lower)                                \
  FORM(lower##_)                             \
  FORM(lower##__)                            \
  FORM(UPPER)                                \
  FORM(lower##_f08_)                         \
  FORM(Mixed##_f08)

SPELLINGS(BCAST, mpi_bcast, MPI_BCAST, MPI_Bcast)
SPELLINGS(REDUCE, mpi_reduce, MPI_REDUCE, MPI_Reduce)
SPELLINGS(ALLREDUCE, mpi_allreduce, MPI_ALLREDUCE, MPI_Allreduce)

#else
typedef int lpcoll_no_fortran_names; /* a translation unit is not empty */
#endif
