#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sets up, builds and tests, as continuous integration does:
#   scripts/test.sh [--quick]
# --quick leaves the sanitizer builds out. What needs a GPU (label gpu) or long (label slow) is not run.
set -euo pipefail
cd "$(dirname "$0")/.."

quick=0
case ${1:-} in
  "") ;;
  --quick) quick=1 ;;
  -h | --help) sed -n '3,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "test.sh: unknown option $1 (--help)" >&2; exit 2 ;;
esac

begun=$SECONDS
step() { printf '\n== %s (%d s so far)\n' "$*" $((SECONDS - begun)); }

step packages
scripts/install_deps.sh build test programs

export CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)}

# preset, then what ctest is to be told
build_and_test() {
  local preset=$1
  shift
  step "configure $preset"
  cmake --preset "$preset"
  step "build $preset"
  cmake --build --preset "$preset"
  step "test $preset"
  ctest --preset "$preset" "$@"
}

build_and_test release -LE 'gpu|slow'

# A library is for one MPI. MPICH's ranks do not make room for each other, so no more of them than is bearable.
step "liblpcoll for MPICH"
cmake --preset release -B build/mpich -DLPCOLL_MPI=mpich -DBLASX_BUILD_BENCH=OFF -DCMAKE_UNITY_BUILD=ON
cmake --build build/mpich --target lpcoll_tests
ctest --test-dir build/mpich --output-on-failure --no-tests=error -L mpi \
  -R '[.][123]$|fortran|watchdog|known|measure|device|profile|trace|dies'
if [ "$quick" -eq 0 ]; then
  # What runs in foreign programs is tested above; here the library's own code is under scrutiny.
  build_and_test asan -L 'unit|stress|fault|conformance|mpi' -LE 'gpu|slow|style'
  build_and_test tsan -L 'unit|stress|fault|conformance|mpi' -LE 'gpu|slow|style'
fi
step "all passed"
