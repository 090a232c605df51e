/* SPDX-License-Identifier: Apache-2.0 */
/* The blocking collectives as Fortran calls them, for the names that one file or another gives them. All arguments come by address;
 * `ierror` is null where a program of the module mpi_f08 left it out. */
#ifndef LPCOLL_API_FORTRAN_FORMS_H
#define LPCOLL_API_FORTRAN_FORMS_H

#include <lpcoll/lpcoll.h>
#include <stddef.h>

/* Fortran's MPI_IN_PLACE and MPI_BOTTOM are variables in memory, known by their addresses. These symbols are weak, so that C programs
 * need no Fortran. */
#ifdef OPEN_MPI
extern int mpi_fortran_in_place_ __attribute__((weak));
extern int mpi_fortran_bottom_ __attribute__((weak));
static int is_in_place(const void* address) { return address == (void*)&mpi_fortran_in_place_; }
static int is_bottom(const void* address) { return address == (void*)&mpi_fortran_bottom_; }
#else
/* MPICH keeps the addresses, or for the module mpi_f08 the variables themselves. */
extern void* MPIR_F_MPI_IN_PLACE __attribute__((weak));
extern void* MPIR_F_MPI_BOTTOM __attribute__((weak));
extern int MPIR_F08_MPI_IN_PLACE __attribute__((weak));
extern int MPIR_F08_MPI_BOTTOM __attribute__((weak));
static int is_in_place(const void* address) {
  return address == (void*)&MPIR_F08_MPI_IN_PLACE ||
         (&MPIR_F_MPI_IN_PLACE != NULL && address == MPIR_F_MPI_IN_PLACE);
}
static int is_bottom(const void* address) {
  return address == (void*)&MPIR_F08_MPI_BOTTOM ||
         (&MPIR_F_MPI_BOTTOM != NULL && address == MPIR_F_MPI_BOTTOM);
}
#endif

static void* buffer_of(void* address) {
  if (address != NULL && is_in_place(address)) return MPI_IN_PLACE;
  if (address != NULL && is_bottom(address)) return MPI_BOTTOM;
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
/* As compilers spell a name. */
#define SPELLINGS(FORM, lower, UPPER) \
  FORM(lower)                         \
  FORM(lower##_)                      \
  FORM(lower##__)                     \
  FORM(UPPER)

#endif /* LPCOLL_API_FORTRAN_FORMS_H */
