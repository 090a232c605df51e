/* SPDX-License-Identifier: Apache-2.0 */
/* MPI's own names for the collectives, for LD_PRELOAD or -llpcoll_mpi before -lmpi. */
#include <lpcoll/lpcoll.h>

/* Beside the functions that they go on to. */
#define HOT __attribute__((section(".text.hot")))

HOT LPCOLL_API int MPI_Bcast(void* buffer, int count, MPI_Datatype datatype, int root,
                             MPI_Comm comm) {
  return LP_Bcast(buffer, count, datatype, root, comm);
}

HOT LPCOLL_API int MPI_Reduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype,
                              MPI_Op op, int root, MPI_Comm comm) {
  return LP_Reduce(sendbuf, recvbuf, count, datatype, op, root, comm);
}

HOT LPCOLL_API int MPI_Allreduce(const void* sendbuf, void* recvbuf, int count,
                                 MPI_Datatype datatype, MPI_Op op, MPI_Comm comm) {
  return LP_Allreduce(sendbuf, recvbuf, count, datatype, op, comm);
}
