/* SPDX-License-Identifier: Apache-2.0 */
/* Broadcast, reduce and allreduce by linear pipelines (Wang, Wu, Bosilca, Vuduc, Xu: "Efficient Communications in Training Large
 * Scale Neural Networks", 2017), with the signatures and the meaning of MPI's (MPI 3.1, chapter 5).
 *
 * Common to all: collective over `comm`, between MPI_Init and MPI_Finalize; buffers belong to the library from the call until it
 * returns. Counts are in elements of the type. MPI_IN_PLACE, derived types, user operators, intercommunicators and any count
 * mean what they mean in MPI. Calls that pipelines do not improve go to the MPI underneath, all ranks alike. Under
 * MPI_THREAD_MULTIPLE threads may call at once on different communicators.
 *
 * Each function returns MPI_SUCCESS or the MPI error that the MPI underneath would raise, after it has been given to the
 * communicator's error handler.
 *
 * The first large call on a communicator is collective over it in one more way: it duplicates the communicator, so that no message
 * of the library can meet one of the program's. The duplicate goes with the communicator, or at MPI_Finalize. */
#ifndef LPCOLL_LPCOLL_H
#define LPCOLL_LPCOLL_H

#include <mpi.h>

#ifndef LPCOLL_API
#define LPCOLL_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The `count` elements at `buffer` of `root` to all ranks. Ranks may describe the same sequence of basic types by different counts
 * and types. */
LPCOLL_API int LP_Bcast(void* buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm);

/* recvbuf of `root` = the sendbufs of all ranks combined element by element with `op`. Other ranks' recvbuf is not
 * touched. */
LPCOLL_API int LP_Reduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype,
                         MPI_Op op, int root, MPI_Comm comm);

/* The same, with the result on all ranks: the same bytes on each of them. */
LPCOLL_API int LP_Allreduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype,
                            MPI_Op op, MPI_Comm comm);

/* Non-blocking forms. The call is collective in the same order as all others on the communicator and returns at once; the buffers
 * belong to the library until the request is waited for or tested complete. Under MPI_THREAD_MULTIPLE, and in shared memory under any
 * thread level, a thread of the library carries it on; otherwise every call of the library does. Messages that pipelines do not
 * improve become MPI_I* of the MPI underneath. */
typedef struct LP_Request_* LP_Request;
#define LP_REQUEST_NULL ((LP_Request)0)

LPCOLL_API int LP_Ibcast(void* buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm,
                         LP_Request* request);
LPCOLL_API int LP_Ireduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype,
                          MPI_Op op, int root, MPI_Comm comm, LP_Request* request);
LPCOLL_API int LP_Iallreduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype,
                             MPI_Op op, MPI_Comm comm, LP_Request* request);

/* Persistent forms (MPI 4.0, section 5.13): the arguments are kept, every LP_Start begins one collective with them. `info` is not
 * read. The operator must live as long as the request; the type need not. */
LPCOLL_API int LP_Bcast_init(void* buffer, int count, MPI_Datatype datatype, int root,
                             MPI_Comm comm, MPI_Info info, LP_Request* request);
LPCOLL_API int LP_Reduce_init(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype,
                              MPI_Op op, int root, MPI_Comm comm, MPI_Info info,
                              LP_Request* request);
LPCOLL_API int LP_Allreduce_init(const void* sendbuf, void* recvbuf, int count,
                                 MPI_Datatype datatype, MPI_Op op, MPI_Comm comm, MPI_Info info,
                                 LP_Request* request);
/* Errors: MPI_ERR_REQUEST for a request that is not persistent or is active. */
LPCOLL_API int LP_Start(LP_Request* request);
LPCOLL_API int LP_Startall(int count, LP_Request* requests);

/* Return when the operation is complete, or say whether it is. The request becomes LP_REQUEST_NULL, a persistent one inactive. Null
 * and inactive requests are complete. The status is MPI's empty one; MPI_STATUS_IGNORE and MPI_STATUSES_IGNORE are accepted.
 * LP_Waitall returns MPI_ERR_IN_STATUS where one has failed, with each one's code in its status. One thread at a time may use
 * a request. */
LPCOLL_API int LP_Wait(LP_Request* request, MPI_Status* status);
LPCOLL_API int LP_Test(LP_Request* request, int* flag, MPI_Status* status);
LPCOLL_API int LP_Waitall(int count, LP_Request* requests, MPI_Status* statuses);

/* Frees a request that is not active. Errors: MPI_ERR_REQUEST. */
LPCOLL_API int LP_Request_free(LP_Request* request);

#ifdef __cplusplus
}
#endif

#endif /* LPCOLL_LPCOLL_H */
