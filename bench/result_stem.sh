#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints where a benchmark's results of today go, without a suffix: bench/results/<date>-<machine>
# The machine is its processor's name, family and model (virtual machines tell different ones the same name), and its cores.
set -euo pipefail
awk -F'[ \t]*: ' -v stem="bench/results/$(date +%Y-%m-%d)" -v cores="$(nproc)" '
  function keep(key) { if ($1 == key && !(key in of)) of[key] = $2 }
  { keep("model name"); keep("cpu family"); keep("model") }
  END {
    machine = tolower(substr(of["model name"], 1, 24))
    gsub(/ /, "-", machine)
    gsub(/[^a-z0-9-]/, "", machine)
    if (machine == "") machine = "unknown"
    if ("cpu family" in of) machine = machine "-" of["cpu family"] "-" of["model"]
    print stem "-" machine "-" cores "c"
  }' /proc/cpuinfo
