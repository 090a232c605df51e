# SPDX-License-Identifier: Apache-2.0
# Debian packages: libblasx with all that needs neither MPI nor oneDNN, liblpcoll for the MPI it was built for, blasx-clients.

# The maintainer scripts offer libblasx as a provider of libblas.so.3, below every other: it is chosen by
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
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# In none of the packages looked at: the libraries of another of ours, and the toolkit's, which a machine with a GPU has from elsewhere.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/lib")
if(BLASX_HAS_CUDA)
  list(APPEND CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${CUDAToolkit_LIBRARY_DIR}" ${BLASX_CUDNN_LIBRARY_DIR})
endif()
set(CPACK_DEBIAN_LIBBLASX_PACKAGE_NAME libblasx)
set(CPACK_DEBIAN_LIBBLASX_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBBLASX_PACKAGE_RECOMMENDS "libopenblas0-pthread | libblas.so.3, libhwloc15")
set(CPACK_DEBIAN_LIBBLASX_PACKAGE_CONTROL_EXTRA
    "${PROJECT_BINARY_DIR}/debian/postinst" "${PROJECT_BINARY_DIR}/debian/prerm"
    "${PROJECT_BINARY_DIR}/debian/triggers")
set(CPACK_DEBIAN_LPCOLL_PACKAGE_NAME liblpcoll)
set(CPACK_DEBIAN_LPCOLL_PACKAGE_SECTION libs)
# find_package(BlasX) is there.
set(CPACK_DEBIAN_LPCOLL_PACKAGE_SUGGESTS libblasx)
set(CPACK_DEBIAN_LPCOLL_PACKAGE_CONTROL_EXTRA "${PROJECT_BINARY_DIR}/debian/triggers")
set(CPACK_DEBIAN_CLIENTS_PACKAGE_NAME blasx-clients)
set(CPACK_DEBIAN_CLIENTS_PACKAGE_SECTION science)
set(CPACK_DEBIAN_CLIENTS_PACKAGE_DEPENDS "libblasx (= ${PROJECT_VERSION})")
if(TARGET bsp-train)
  string(APPEND CPACK_DEBIAN_CLIENTS_PACKAGE_DEPENDS ", liblpcoll (= ${PROJECT_VERSION})")
endif()
include(CPack)
cpack_add_component_group(libblasx)
cpack_add_component(blasx GROUP libblasx DESCRIPTION "${PROJECT_DESCRIPTION}")
cpack_add_component(dev GROUP libblasx)
if(TARGET lpcoll)
  cpack_add_component(lpcoll DESCRIPTION "MPI collectives by linear pipelines")
endif()
cpack_add_component(clients DESCRIPTION "Programs that train networks with libblasx and liblpcoll")
