#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the command after the text and holds what it says to the text: check.sh TEXT COMMAND...
set -uo pipefail
text=$1
shift
output=$("$@" 2>&1)
status=$?
printf '%s\n' "$output"
[ "$status" -eq 0 ] || { echo "ended with status $status"; exit 1; }
grep -qF -- "$text" <<<"$output" || { echo "not said: $text"; exit 1; }
