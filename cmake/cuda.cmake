# SPDX-License-Identifier: Apache-2.0
# Where the CUDA runtime and cuBLAS come from: the toolkit, or the stand-in under tests/fake_cuda, with which the CUDA device is built
# and tested on machines that have neither toolkit nor GPU.
#   BLASX_CUDA           AUTO: from the toolkit where there is one. ON: insist on it. OFF: no CUDA device at all.
#   BLASX_CUDA_STAND_IN  the stand-in, even where a toolkit is.
# After this BLASX_CUDA_FROM is toolkit, stand-in or none, BLASX_CUDA_MAJOR 12 or 13; unless it is none, blasx_cuda_api is what the
# CUDA device links, and BLASX_CUDA_INCLUDE_DIRS are the headers for those who open the libraries at run time.
set(BLASX_CUDA AUTO CACHE STRING "The CUDA device: AUTO, ON or OFF")
set_property(CACHE BLASX_CUDA PROPERTY STRINGS AUTO ON OFF)
option(BLASX_CUDA_STAND_IN "Build the CUDA device for the tests' stand-in, even where a toolkit is" OFF)

set(BLASX_CUDA_FROM none)
set(BLASX_CUDA_MAJOR 13 CACHE STRING "CUDA's major version that the stand-in takes; a toolkit has its own")
if(BLASX_CUDA)
  find_package(CUDAToolkit 12 QUIET)
  if(CUDAToolkit_FOUND AND TARGET CUDA::cublas AND NOT BLASX_CUDA_STAND_IN)
    set(BLASX_CUDA_FROM toolkit)
    set(BLASX_CUDA_MAJOR ${CUDAToolkit_VERSION_MAJOR})
    add_library(blasx_cuda_api INTERFACE)
    target_link_libraries(blasx_cuda_api INTERFACE CUDA::cudart CUDA::cublas)
    set(BLASX_CUDA_INCLUDE_DIRS ${CUDAToolkit_INCLUDE_DIRS})
  elseif(BLASX_CUDA STREQUAL "ON" AND NOT BLASX_CUDA_STAND_IN)
    message(FATAL_ERROR "BLASX_CUDA=ON: there is no CUDA toolkit 12 or later here; say where with -DCUDAToolkit_ROOT=DIR, "
                        "or go without: -DBLASX_CUDA=OFF")
  elseif(BLASX_BUILD_TESTS)
    set(BLASX_CUDA_FROM stand-in)
    add_library(blasx_cuda_api INTERFACE)
    set(BLASX_CUDA_INCLUDE_DIRS "${PROJECT_SOURCE_DIR}/tests/fake_cuda/include")
    target_include_directories(blasx_cuda_api SYSTEM INTERFACE ${BLASX_CUDA_INCLUDE_DIRS})
    target_compile_definitions(blasx_cuda_api INTERFACE FAKE_CUDA_MAJOR=${BLASX_CUDA_MAJOR})
    target_link_libraries(blasx_cuda_api INTERFACE fake_cudart fake_cublas)
  endif()
endif()
message(STATUS "CUDA device: ${BLASX_CUDA_FROM}")

# cuDNN 9, which the training clients want besides, is the stand-in's wherever it is not the toolkit's. After this BLASX_CUDNN_FROM is
# toolkit, stand-in or none; unless it is none, blasx_cudnn_api is what their GPU layers link.
set(BLASX_CUDNN_FROM none)
if(BLASX_CUDA_FROM STREQUAL toolkit)
  find_path(BLASX_CUDNN_INCLUDE_DIR cudnn.h HINTS ${CUDAToolkit_INCLUDE_DIRS})
  find_library(BLASX_CUDNN_LIBRARY NAMES libcudnn.so.9 HINTS "${CUDAToolkit_LIBRARY_DIR}")
  if(BLASX_CUDNN_INCLUDE_DIR AND BLASX_CUDNN_LIBRARY)
    set(BLASX_CUDNN_FROM toolkit)
    cmake_path(GET BLASX_CUDNN_LIBRARY PARENT_PATH BLASX_CUDNN_LIBRARY_DIR)
    add_library(blasx_cudnn_api INTERFACE)
    target_include_directories(blasx_cudnn_api SYSTEM INTERFACE ${BLASX_CUDNN_INCLUDE_DIR})
    target_link_libraries(blasx_cudnn_api INTERFACE ${BLASX_CUDNN_LIBRARY})
  endif()
endif()
if(BLASX_CUDNN_FROM STREQUAL none AND BLASX_BUILD_TESTS AND NOT BLASX_CUDA_FROM STREQUAL none)
  set(BLASX_CUDNN_FROM stand-in)
  add_library(blasx_cudnn_api INTERFACE)
  # Its cudnn.h alone: CUDA's own headers are those of BLASX_CUDA_FROM.
  target_include_directories(blasx_cudnn_api SYSTEM INTERFACE "${PROJECT_SOURCE_DIR}/tests/fake_cuda/include/cudnn")
  target_link_libraries(blasx_cudnn_api INTERFACE fake_cudnn)
endif()
message(STATUS "cuDNN: ${BLASX_CUDNN_FROM}")
