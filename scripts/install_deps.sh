#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that are missing for a purpose:
#   scripts/install_deps.sh [build] [test] [programs]
# As root it runs apt-get; otherwise it prints the one line to run and ends with status 1. With nothing missing it does nothing.
set -euo pipefail

build="cmake g++ ninja-build pkg-config ccache git libfmt-dev libexpected-dev libhwloc-dev libcli11-dev nlohmann-json3-dev libopenblas0-pthread
  liburing-dev libopenmpi-dev openmpi-bin libmpich-dev mpich libdnnl-dev libxxhash-dev zlib1g-dev"
test="libgtest-dev libgmock-dev libbenchmark-dev libblas3 libblas64-3 libblas-test liblapack3 libblis4-pthread
  libblis64-4-pthread libopenblas64-0-pthread
  binutils libsimgrid-dev clang-format clang-tidy dpkg-dev file gfortran iproute2 procps python3 python3-venv valgrind"
programs="python3-mpi4py python3-numpy python3-scipy r-base-core octave hpcc python3-matplotlib python3-venv"

wanted=
for purpose in "$@"; do
  case $purpose in
    build) wanted+=" $build" ;;
    test) wanted+=" $test" ;;
    programs) wanted+=" $programs" ;;
    -h | --help) sed -n '3,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "install_deps.sh: unknown purpose $purpose; build, test and programs are known" >&2; exit 2 ;;
  esac
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install_deps.sh: this is no Debian; needed are, by Debian's names:$wanted" >&2
  exit 1
fi

missing=
for package in $wanted; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=" $package"
done
missing=$(tr ' ' '\n' <<<"$missing" | sort -u | xargs)
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "Packages are missing. As root, run:"
  echo "  apt-get update && apt-get install -y --no-install-recommends $missing"
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086 # a list of names
apt-get install -y -q --no-install-recommends $missing </dev/null
