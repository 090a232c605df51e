#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Three hosts with slow ports, and programs across them, one rank a host and two: hosts_test.sh NETNS_CLUSTER INFO WHOLE REQUESTS
# Ends with 77, skipped, where this machine does not let us make hosts.
set -euo pipefail
cluster=$1 info=$2 whole=$3 requests=$4
"$cluster" up 3 1gbit
trap '"$cluster" down' EXIT

said=$("$cluster" run -np 3 "$info" --bytes 1M)
grep -q '^3 ranks on 3 hosts' <<<"$said" || { echo "no three hosts: $said"; exit 1; }
said=$(LPC_SLOTS=2 "$cluster" run -np 6 "$info" --bytes 1M)
grep -q '^6 ranks on 3 hosts' <<<"$said" || { echo "no three hosts of two ranks: $said"; exit 1; }

"$cluster" run -np 3 -x LPCOLL_CROSSOVER=0 "$whole"
LPC_SLOTS=2 "$cluster" run -np 6 "$whole"
"$cluster" run -np 3 -x LPCOLL_CROSSOVER=0 "$requests" multiple
