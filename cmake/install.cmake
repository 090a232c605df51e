# SPDX-License-Identifier: Apache-2.0
# What is installed: libraries, headers, find_package and pkg-config files. Components: blasx and dev, lpcoll, clients.
include(CMakePackageConfigHelpers)

set_target_properties(blasx PROPERTIES EXPORT_NAME blasx)
add_library(blasx::blasx ALIAS blasx)
add_library(blasx::ooc_gemm ALIAS ooc_gemm)

install(
  TARGETS blasx
  EXPORT BlasXTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
          COMPONENT blasx
          NAMELINK_COMPONENT dev)
# Found beside libblasx.so; built with the tests' stand-in it is of no use to anyone.
if(BLASX_HAS_CUDA)
  install(TARGETS blasx_cuda LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT blasx)
endif()
# Under a folder of its own, as Debian keeps its BLASes: /usr/lib/<triplet>/blasx/libblas.so.3.
install(
  PROGRAMS $<TARGET_FILE:blasx_blas>
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/blasx
  RENAME libblas.so.3
  COMPONENT blasx)
install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/include/blasx"
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT dev
  FILES_MATCHING
  PATTERN "*.h")

set(blasx_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/BlasX)
install(
  EXPORT BlasXTargets
  NAMESPACE blasx::
  DESTINATION ${blasx_config_dir}
  COMPONENT dev)
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/BlasXConfig.cmake.in"
                              "${PROJECT_BINARY_DIR}/BlasXConfig.cmake"
                              INSTALL_DESTINATION ${blasx_config_dir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/BlasXConfigVersion.cmake"
                                 COMPATIBILITY SameMajorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/BlasXConfig.cmake" "${PROJECT_BINARY_DIR}/BlasXConfigVersion.cmake"
  DESTINATION ${blasx_config_dir}
  COMPONENT dev)

# Relative to the file itself, so that a moved tree still works.
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pc_to_prefix "/${pc_dir}" "/")
cmake_path(IS_ABSOLUTE CMAKE_INSTALL_LIBDIR libdir_is_absolute)
if(libdir_is_absolute)
  set(pc_libdir "${CMAKE_INSTALL_LIBDIR}")
  set(pc_to_prefix "${CMAKE_INSTALL_PREFIX}")
else()
  set(pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
  set(pc_to_prefix "\${pcfiledir}/${pc_to_prefix}")
endif()
# blasx_install_pc(name description component)
function(blasx_install_pc name description component)
  file(
    WRITE "${PROJECT_BINARY_DIR}/${name}.pc"
    "prefix=${pc_to_prefix}
libdir=${pc_libdir}
includedir=\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}

Name: ${name}
Description: ${description}
Version: ${PROJECT_VERSION}
Libs: -L\${libdir} -l${name}
Cflags: -I\${includedir}
")
  install(
    FILES "${PROJECT_BINARY_DIR}/${name}.pc"
    DESTINATION ${pc_dir}
    COMPONENT ${component})
endfunction()
blasx_install_pc(blasx "${PROJECT_DESCRIPTION}" dev)
install(
  FILES "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/LICENSE"
  DESTINATION ${CMAKE_INSTALL_DOCDIR}
  COMPONENT blasx)

if(NOT TARGET lpcoll)
  return()
endif()
add_library(blasx::lpcoll ALIAS lpcoll)
install(
  TARGETS lpcoll
  EXPORT BlasXLpcollTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT lpcoll)
install(TARGETS lpcoll_mpi LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT lpcoll)
if(BLASX_HAS_CUDA)
  install(TARGETS lpcoll_cuda LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT lpcoll)
endif()
install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/include/lpcoll"
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT lpcoll
  FILES_MATCHING
  PATTERN "*.h")
# Of its own, since MPI has to be found before it.
install(
  EXPORT BlasXLpcollTargets
  NAMESPACE blasx::
  DESTINATION ${blasx_config_dir}
  COMPONENT lpcoll)
# For the MPI's own compiler, which knows where its headers are.
blasx_install_pc(lpcoll "MPI collectives by linear pipelines" lpcoll)
