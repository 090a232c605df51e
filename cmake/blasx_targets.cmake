# SPDX-License-Identifier: Apache-2.0
# How folders become targets. A folder is an OBJECT library `blasx_<name>`; whoever links it gets the objects of everything
# below it exactly once.

# blasx_need(package debian_package [without] [find_package arguments ...]): what is missing is said together with its cure.
# `without` is the option that turns off the part which needs it, or NONE.
macro(blasx_need package debian_package without)
  find_package(${package} QUIET ${ARGN})
  if(NOT ${package}_FOUND)
    set(blasx_cure "apt-get install ${debian_package}, or scripts/install_deps.sh build test")
    if(NOT "${without}" STREQUAL NONE)
      string(APPEND blasx_cure "; or go without: -D${without}=OFF")
    endif()
    message(FATAL_ERROR "${package} is missing: ${blasx_cure}")
  endif()
endmacro()

add_library(blasx_flags INTERFACE)
target_compile_features(blasx_flags INTERFACE cxx_std_20 c_std_11)
target_compile_options(
  blasx_flags
  INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wconversion;-Wshadow;-Wnon-virtual-dtor;-Woverloaded-virtual>
    $<$<COMPILE_LANGUAGE:C>:-Wall;-Wextra;-Wpedantic>
    # At -O3 GCC 12 sees overlapping copies in "x" + std::string (GCC bug 105651).
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
target_include_directories(blasx_flags INTERFACE "${PROJECT_SOURCE_DIR}"
                                                 "${PROJECT_SOURCE_DIR}/include")
target_link_libraries(blasx_flags INTERFACE Threads::Threads ${CMAKE_DL_LIBS})

set(BLASX_SANITIZE "" CACHE STRING "Sanitizers for the whole build: address,undefined or thread")
if(BLASX_SANITIZE MATCHES "thread" AND BLASX_SANITIZE MATCHES "address")
  message(FATAL_ERROR "BLASX_SANITIZE=${BLASX_SANITIZE}: thread and address exclude each other")
endif()
if(BLASX_SANITIZE)
  # With sanitizers GCC sees uninitialised members where there are none, in std::regex for one.
  target_compile_options(blasx_flags INTERFACE -fsanitize=${BLASX_SANITIZE} -fno-omit-frame-pointer
                                               $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(blasx_flags INTERFACE -fsanitize=${BLASX_SANITIZE})
  if(BLASX_SANITIZE MATCHES "undefined")
    target_compile_options(blasx_flags INTERFACE -fno-sanitize-recover=undefined)
  endif()
endif()

function(blasx_hide_symbols target)
  set_target_properties(
    ${target}
    PROPERTIES C_VISIBILITY_PRESET hidden
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               POSITION_INDEPENDENT_CODE ON)
endfunction()

# The targets of `names` and of all they link, each once.
function(blasx_closure out)
  set(closure)
  foreach(name IN LISTS ARGN)
    get_property(below GLOBAL PROPERTY BLASX_CLOSURE_${name})
    list(APPEND closure blasx_${name} ${below})
  endforeach()
  list(REMOVE_DUPLICATES closure)
  set(${out} "${closure}" PARENT_SCOPE)
endfunction()

# blasx_add_folder(NAME tile DIR blasx/tile SOURCES a.cpp ... [LINKS common ...] [LIBRARIES fmt::fmt ...])
function(blasx_add_folder)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;DIR" "SOURCES;LINKS;LIBRARIES")
  foreach(link IN LISTS arg_LINKS)
    if(NOT TARGET blasx_${link})
      message(FATAL_ERROR "${arg_DIR}: links ${link}, which is not below it")
    endif()
  endforeach()
  add_library(blasx_${arg_NAME} OBJECT ${arg_SOURCES})
  blasx_hide_symbols(blasx_${arg_NAME})
  blasx_closure(closure ${arg_LINKS})
  set_property(GLOBAL PROPERTY BLASX_CLOSURE_${arg_NAME} "${closure}")
  target_link_libraries(
    blasx_${arg_NAME}
    PUBLIC ${arg_LIBRARIES} tl::expected
    PRIVATE blasx_flags)
  foreach(below IN LISTS closure)
    target_include_directories(blasx_${arg_NAME}
                               PRIVATE $<TARGET_PROPERTY:${below},INTERFACE_INCLUDE_DIRECTORIES>)
  endforeach()
endfunction()

# blasx_module_stamp(out header ...): by which a library knows that a module it opens is of its own build: a hash of the headers that
# both are compiled with.
function(blasx_module_stamp out)
  set(stamp "${PROJECT_VERSION} ${CMAKE_CXX_COMPILER_VERSION}")
  foreach(header IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${header}")
    file(SHA256 "${PROJECT_SOURCE_DIR}/${header}" hash)
    string(APPEND stamp " ${hash}")
  endforeach()
  string(SHA256 stamp "${stamp}")
  set(${out} "${stamp}" PARENT_SCOPE)
endfunction()

# blasx_link_folders(target name ...): the folders' objects and all below them into `target`.
function(blasx_link_folders target)
  blasx_closure(closure ${ARGN})
  target_link_libraries(${target} PRIVATE blasx_flags ${closure})
endfunction()

# blasx_add_shared(NAME blasx LINKS folder ... MAP file [SOURCES ...] [OUTPUT_NAME name])
# A shared library that exports what the version script `MAP` names and nothing else.
function(blasx_add_shared)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;MAP;OUTPUT_NAME" "SOURCES;LINKS")
  if(NOT arg_OUTPUT_NAME)
    set(arg_OUTPUT_NAME ${arg_NAME})
  endif()
  add_library(${arg_NAME} SHARED ${arg_SOURCES})
  blasx_hide_symbols(${arg_NAME})
  blasx_link_folders(${arg_NAME} ${arg_LINKS})
  # nodelete: worker threads and fork handlers live in its code. No -Bsymbolic: the program's xerbla_ must win.
  target_link_options(${arg_NAME} PRIVATE "LINKER:--version-script=${arg_MAP}" "LINKER:-z,nodelete"
                      "LINKER:-z,relro")
  if(NOT BLASX_SANITIZE)
    target_link_options(${arg_NAME} PRIVATE "LINKER:-z,defs")
  endif()
  set_target_properties(
    ${arg_NAME}
    PROPERTIES OUTPUT_NAME ${arg_OUTPUT_NAME}
               LINK_DEPENDS "${arg_MAP}"
               VERSION ${PROJECT_VERSION}
               SOVERSION ${PROJECT_VERSION_MAJOR}
               LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
endfunction()

# blasx_add_test(name LABELS unit SOURCES ... [LINKS folder ...] [LIBRARIES ...] [ARGUMENTS ...] [ENVIRONMENT A=b ...]
#                [TIMEOUT s] [PROCESSORS n] [RUN_SERIAL])
# One GoogleTest program, one ctest entry.
function(blasx_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "RUN_SERIAL" "TIMEOUT;PROCESSORS"
                        "LABELS;SOURCES;LINKS;LIBRARIES;ARGUMENTS;ENVIRONMENT")
  foreach(link IN LISTS arg_LINKS)
    if(NOT TARGET blasx_${link})
      message(FATAL_ERROR "test ${name}: there is no folder ${link}")
    endif()
  endforeach()
  add_executable(${name} ${arg_SOURCES} "${PROJECT_SOURCE_DIR}/tests/support/sanitizers.cpp")
  blasx_link_folders(${name} ${arg_LINKS})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} ${arg_ARGUMENTS})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
  if(arg_ENVIRONMENT)
    set_tests_properties(${name} PROPERTIES ENVIRONMENT "${arg_ENVIRONMENT}")
  endif()
  if(arg_PROCESSORS)
    set_tests_properties(${name} PROPERTIES PROCESSORS ${arg_PROCESSORS})
  endif()
  if(arg_RUN_SERIAL)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
endfunction()
