# SPDX-License-Identifier: Apache-2.0
# blasx_add_mpi_test(NAME name RANKS p [WRAPPER command ...] [TIMEOUT seconds] COMMAND program ...)
# A program under the MPI's launcher, with the label mpi; the wrapper is given the launcher's command line.
function(blasx_add_mpi_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;RANKS;TIMEOUT" "WRAPPER;COMMAND")
  set(launch "${MPIEXEC_EXECUTABLE}")
  if(NOT MPIEXEC_EXECUTABLE MATCHES "mpich|hydra")
    list(APPEND launch --allow-run-as-root --oversubscribe)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_test(NAME ${arg_NAME} COMMAND ${arg_WRAPPER} ${launch} -np ${arg_RANKS} ${arg_COMMAND})
  # The loader goes on without what it cannot preload, and then the MPI alone is tested.
  set_tests_properties(${arg_NAME} PROPERTIES LABELS mpi TIMEOUT ${arg_TIMEOUT} PROCESSORS 2
                                              FAIL_REGULAR_EXPRESSION "cannot be preloaded")
  if(BLASX_SANITIZE)
    # What an MPI leaves behind at its end is not ours to free.
    set_tests_properties(${arg_NAME} PROPERTIES ENVIRONMENT ASAN_OPTIONS=detect_leaks=0)
  endif()
endfunction()
