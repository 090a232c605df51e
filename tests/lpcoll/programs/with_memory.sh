#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# with_memory.sh MIB COMMAND...: the command, or status 77 where the machine has less memory free.
set -euo pipefail
needed=$1
shift
free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
if [ "$free" -lt "$needed" ]; then
  echo "skipped: $free MiB of memory are free, $needed are needed"
  exit 77
fi
exec "$@"
