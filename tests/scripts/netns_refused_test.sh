#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Where the kernel makes namespaces and lets nobody enter them, as in a chroot, hosts are refused with status 77, which
# tests take for skipped: netns_refused_test.sh SCRIPTS
set -uo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/bin"
printf '#!/bin/sh\n[ "$1" != -n ]\n' >"$folder/bin/ip"
printf '#!/bin/sh\n' >"$folder/bin/tc"
printf '#!/bin/sh\necho 0\n' >"$folder/bin/id"
chmod +x "$folder/bin/"*
sed "s:^state=.*:state=$folder/state:" "$1/netns_cluster.sh" >"$folder/netns_cluster.sh"
PATH=$folder/bin:$PATH bash "$folder/netns_cluster.sh" up 2 400mbit
status=$?
[ "$status" -eq 77 ] || { echo "ended with status $status instead of 77"; exit 1; }
