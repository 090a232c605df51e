# SPDX-License-Identifier: Apache-2.0
# What is installed: libraries, headers, find_package and pkg-config files, the Debian package.
include(CMakePackageConfigHelpers)

set_target_properties(blasx PROPERTIES EXPORT_NAME blasx)
add_library(blasx::blasx ALIAS blasx)

install(
  TARGETS blasx
  EXPORT BlasXTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
          COMPONENT blasx
          NAMELINK_COMPONENT dev)
# Found beside libblasx.so; built with the tests' stand-in it is of no use to anyone.
if(BLASX_HAS_CUDA)
  install(TARGETS blasx_cuda LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT blasx)
  # In no Debian package: whoever has a GPU has the toolkit's libraries from elsewhere.
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${CUDAToolkit_LIBRARY_DIR}")
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
file(WRITE "${PROJECT_BINARY_DIR}/BlasXConfig.cmake.in"
     "@PACKAGE_INIT@\ninclude(\"\${CMAKE_CURRENT_LIST_DIR}/BlasXTargets.cmake\")\n")
configure_package_config_file("${PROJECT_BINARY_DIR}/BlasXConfig.cmake.in"
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
file(
  WRITE "${PROJECT_BINARY_DIR}/blasx.pc"
  "prefix=${pc_to_prefix}
libdir=${pc_libdir}
includedir=\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}

Name: blasx
Description: ${PROJECT_DESCRIPTION}
Version: ${PROJECT_VERSION}
Libs: -L\${libdir} -lblasx
Cflags: -I\${includedir}
")
install(
  FILES "${PROJECT_BINARY_DIR}/blasx.pc"
  DESTINATION ${pc_dir}
  COMPONENT dev)
install(
  FILES "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/LICENSE"
  DESTINATION ${CMAKE_INSTALL_DOCDIR}
  COMPONENT blasx)

# One Debian package. The maintainer scripts offer it as a provider of libblas.so.3, below every other: it is chosen by
# hand, since it needs another BLAS underneath.
set(triplet "${CMAKE_LIBRARY_ARCHITECTURE}")
set(alternative "libblas.so.3-${triplet}")
set(whole_blas "/usr/${CMAKE_INSTALL_LIBDIR}/blasx/libblas.so.3")
file(WRITE "${PROJECT_BINARY_DIR}/debian/triggers" "activate-noawait ldconfig\n")
foreach(script postinst prerm)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/debian/${script}.in"
                 "${PROJECT_BINARY_DIR}/debian/${script}" @ONLY
                 FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                  WORLD_READ WORLD_EXECUTE)
endforeach()
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME libblasx)
set(CPACK_PACKAGE_CONTACT "The BLASX developers <blasx@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libopenblas0-pthread | libblas.so.3, libhwloc15")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${PROJECT_BINARY_DIR}/debian/postinst" "${PROJECT_BINARY_DIR}/debian/prerm"
    "${PROJECT_BINARY_DIR}/debian/triggers")
set(CPACK_STRIP_FILES ON)
include(CPack)
