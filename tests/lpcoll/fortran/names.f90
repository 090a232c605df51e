! SPDX-License-Identifier: Apache-2.0
! Broadcast, reduce and allreduce from Fortran, with MPI_IN_PLACE, by the interface named at compile time; BCAST, REDUCE and ALLREDUCE
! are MPI's names or the library's.
program fortran_names
#if defined(USE_F08)
  use mpi_f08
#elif defined(USE_MODULE)
  use mpi
#endif
  implicit none
#if !defined(USE_F08) && !defined(USE_MODULE)
  include 'mpif.h'
#endif
  integer, parameter :: n = 100003
#if defined(USE_LP)
  external :: BCAST, REDUCE, ALLREDUCE
#endif
  integer :: rank, ranks, ierror, i, wrong
  double precision :: a(n), b(n)

  call MPI_Init(ierror)
  call MPI_Comm_rank(MPI_COMM_WORLD, rank, ierror)
  call MPI_Comm_size(MPI_COMM_WORLD, ranks, ierror)
  wrong = 0

  a = 0
  if (rank == ranks - 1) a = [(dble(i), i = 1, n)]
  call BCAST(a, n, MPI_DOUBLE_PRECISION, ranks - 1, MPI_COMM_WORLD, ierror)
  wrong = wrong + count(a /= [(dble(i), i = 1, n)])

  b = -1
  call ALLREDUCE(a, b, n, MPI_DOUBLE_PRECISION, MPI_SUM, MPI_COMM_WORLD, ierror)
  wrong = wrong + count(b /= ranks * a)

  call ALLREDUCE(MPI_IN_PLACE, b, n, MPI_DOUBLE_PRECISION, MPI_MAX, MPI_COMM_WORLD, ierror)
  wrong = wrong + count(b /= ranks * a)

  if (rank == 0) then
    call REDUCE(MPI_IN_PLACE, a, n, MPI_DOUBLE_PRECISION, MPI_SUM, 0, MPI_COMM_WORLD, ierror)
    wrong = wrong + count(a /= b)
  else
    call REDUCE(a, b, n, MPI_DOUBLE_PRECISION, MPI_SUM, 0, MPI_COMM_WORLD, ierror)
  end if

  if (wrong /= 0) then
    print *, 'rank', rank, ':', wrong, 'elements are wrong'
    call MPI_Abort(MPI_COMM_WORLD, 1, ierror)
  end if
  call MPI_Finalize(ierror)
end program fortran_names
