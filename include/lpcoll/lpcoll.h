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

#ifdef __cplusplus
}
#endif

#endif /* LPCOLL_LPCOLL_H */
