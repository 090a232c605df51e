#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Checks and measures libblasx on this machine's GPU, without network or root, within 9 minutes; --help says more.
set -euo pipefail
command -v python3 >/dev/null || { echo "gpu_check.sh: python3 is missing" >&2; exit 2; }
exec python3 -B "$(dirname "$0")/gpu_check/main.py" "$@"
