/* SPDX-License-Identifier: Apache-2.0 */
/* For tools that measure or check: every LP_ function is a weak name of a PLP_ one, as MPI's are of PMPI_ (MPI 3.1, chapter 14). A tool
 * defines LP_Bcast, does its work, and calls PLP_Bcast. Signatures and meaning are those of lpcoll.h. */
#ifndef LPCOLL_PROFILE_H
#define LPCOLL_PROFILE_H

#include <lpcoll/lpcoll.h>

#ifdef __cplusplus
extern "C" {
#endif

LPCOLL_API int PLP_Bcast(void* buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm);
LPCOLL_API int PLP_Reduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype,
                          MPI_Op op, int root, MPI_Comm comm);
LPCOLL_API int PLP_Allreduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype,
                             MPI_Op op, MPI_Comm comm);
LPCOLL_API int PLP_Ibcast(void* buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm,
                          LP_Request* request);
LPCOLL_API int PLP_Ireduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype,
                           MPI_Op op, int root, MPI_Comm comm, LP_Request* request);
LPCOLL_API int PLP_Iallreduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype,
                              MPI_Op op, MPI_Comm comm, LP_Request* request);
LPCOLL_API int PLP_Bcast_init(void* buffer, int count, MPI_Datatype datatype, int root,
                              MPI_Comm comm, MPI_Info info, LP_Request* request);
LPCOLL_API int PLP_Reduce_init(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype,
                               MPI_Op op, int root, MPI_Comm comm, MPI_Info info,
                               LP_Request* request);
LPCOLL_API int PLP_Allreduce_init(const void* sendbuf, void* recvbuf, int count,
                                  MPI_Datatype datatype, MPI_Op op, MPI_Comm comm, MPI_Info info,
                                  LP_Request* request);
LPCOLL_API int PLP_Start(LP_Request* request);
LPCOLL_API int PLP_Startall(int count, LP_Request* requests);
LPCOLL_API int PLP_Wait(LP_Request* request, MPI_Status* status);
LPCOLL_API int PLP_Test(LP_Request* request, int* flag, MPI_Status* status);
LPCOLL_API int PLP_Waitall(int count, LP_Request* requests, MPI_Status* statuses);
LPCOLL_API int PLP_Request_free(LP_Request* request);

#ifdef __cplusplus
}
#endif

#endif /* LPCOLL_PROFILE_H */
