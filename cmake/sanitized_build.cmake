# SPDX-License-Identifier: Apache-2.0
# What keeps the sanitizers' builds short. They compile several sources of a target as one (CMAKE_UNITY_BUILD in the presets), since
# most of a source's code is inline functions of headers, instrumented again for each. Targets whose sources give one name to two
# things stay as they are.
if(CMAKE_UNITY_BUILD)
  foreach(
    target
    blasx_tile
    blasx_trace
    blasx_hostblas
    blasx_abi
    blasx_tools_machine
    blasx_lpcoll_shm
    blasx_ooc_run
    blasx_nn_cpu
    blasx_nn_cuda)
    if(TARGET ${target})
      set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
    endif()
  endforeach()
endif()

# A program's command line is CLI11's code for the most part, which the address sanitizer makes three times as long to compile: half
# a minute a source, a fifth of the whole build. What the programs do is in other sources.
if(BLASX_SANITIZE MATCHES "address")
  set(targets blasx-info blasx-sim isgd-study memsched blasx_trainer lpcoll-info ann-train ooc-gemm
      blasx_command_line blasx_nn_program)
  set(sources
      blasx/tools/blasx_info.cpp
      blasx/tools/sim/blasx_sim.cpp
      clients/isgd/tools/isgd_study.cpp
      clients/memsched/tools/memsched.cpp
      clients/trainer/options.cpp
      lpcoll/tools/lpcoll_info.cpp
      ooc_gemm/tools/ann_train.cpp
      ooc_gemm/tools/ooc_gemm.cpp
      common/program/command_line.cpp
      clients/nn/program/command_line.cpp)
  foreach(target source IN ZIP_LISTS targets sources)
    if(TARGET ${target})
      set_source_files_properties(
        "${PROJECT_SOURCE_DIR}/${source}" TARGET_DIRECTORY ${target} PROPERTIES COMPILE_OPTIONS
                                                                                -fno-sanitize=all)
    endif()
  endforeach()
endif()
