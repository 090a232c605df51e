/* SPDX-License-Identifier: Apache-2.0 */
/* The names under which Fortran programs call MPI. In Open MPI these lead past the C names, so they have to be taken by themselves; in
 * MPICH they call the C names, and nothing is needed here. */
#include <lpcoll/lpcoll.h>

#ifdef OPEN_MPI
#include "lpcoll/api/fortran_forms.h"

/* The last two are what the module mpi_f08 calls. */
#define MPI_SPELLINGS(FORM, lower, UPPER, Mixed) \
  SPELLINGS(FORM, lower, UPPER)                  \
  FORM(lower##_f08_)                             \
  FORM(Mixed##_f08)

MPI_SPELLINGS(BCAST, mpi_bcast, MPI_BCAST, MPI_Bcast)
MPI_SPELLINGS(REDUCE, mpi_reduce, MPI_REDUCE, MPI_Reduce)
MPI_SPELLINGS(ALLREDUCE, mpi_allreduce, MPI_ALLREDUCE, MPI_Allreduce)

#else
typedef int lpcoll_no_fortran_names; /* a translation unit is not empty */
#endif
