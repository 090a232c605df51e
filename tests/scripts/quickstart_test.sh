#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What quickstart.sh tells somebody who may not install packages: quickstart_test.sh SCRIPTS
# The machine is played: no package is there, and the user is an ordinary one.
set -uo pipefail
scripts=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r "$scripts" "$folder/scripts"
mkdir "$folder/bin"
for fake in "id:echo 1000" "dpkg-query:exit 1" "apt-get:exit 1" "cmake:echo no cmake; exit 127"; do
  printf '#!/bin/sh\n%s\n' "${fake#*:}" >"$folder/bin/${fake%%:*}"
done
chmod +x "$folder/bin/"*
PATH=$folder/bin:$PATH

# says ARGUMENTS-OF-QUICKSTART TEXT...: it fails, and each text is said
says() {
  local arguments=$1 output text
  shift
  # shellcheck disable=SC2086  # a list of arguments
  if output=$("$folder/scripts/quickstart.sh" $arguments 2>&1); then
    echo "quickstart.sh $arguments did not fail:"
    echo "$output"
    exit 1
  fi
  for text in "$@"; do
    grep -qF -- "$text" <<<"$output" && continue
    printf 'quickstart.sh %s\n%s\nnot said: %s\n' "$arguments" "$output" "$text"
    exit 1
  done
}

says "" "As root, run:" "apt-get install -y --no-install-recommends" "cmake" "run this again" "quickstart.sh --no-install"
says --no-install "no cmake" "scripts/install_deps.sh build test programs"
