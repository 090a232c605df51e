/* SPDX-License-Identifier: Apache-2.0 */
/* LP_Bcast, LP_Reduce and LP_Allreduce for Fortran: `call LP_Bcast(buffer, n, MPI_REAL, 0, comm, ierror)` with MPI's own constants. */
#include "lpcoll/api/fortran_forms.h"

SPELLINGS(BCAST, lp_bcast, LP_BCAST)
SPELLINGS(REDUCE, lp_reduce, LP_REDUCE)
SPELLINGS(ALLREDUCE, lp_allreduce, LP_ALLREDUCE)
