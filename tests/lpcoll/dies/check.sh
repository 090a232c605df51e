#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The job has to end with an error, soon, and without a rank that went on: check.sh COMMAND...
set -uo pipefail
output=$(timeout 50 "$@" 2>&1)
status=$?
printf '%s\n' "$output"
[ "$status" -ne 0 ] && [ "$status" -ne 124 ] || { echo "ended with status $status"; exit 1; }
[ "$(grep -c 'begins' <<<"$output")" -eq 3 ] || { echo "three ranks should have begun"; exit 1; }
! grep -q 'went on' <<<"$output"
