#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh clone to unmodified programs running under libblasx.
#   scripts/quickstart.sh [--size N] [--programs "numpy scipy hpcc"] [--no-install]
# Installs what is missing (as root; otherwise says how), builds, runs the programs without and with the library. May be run
# again at any time: what is done already costs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

size=0
programs="numpy scipy hpcc"
install=1
while [ $# -gt 0 ]; do
  case $1 in
    --size) size=${2:?--size takes a number}; shift ;;
    --programs) programs=${2:?--programs takes names}; shift ;;
    --no-install) install=0 ;;
    -h | --help) sed -n '3,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "quickstart.sh: unknown option $1 (--help)" >&2; exit 2 ;;
  esac
  shift
done

logs=build/quickstart
mkdir -p "$logs"
begun=$SECONDS
summary=()
child=
hint=
trap '[ -z "$child" ] || kill "$child" 2>/dev/null || true' EXIT

say() { printf '%s\n' "$*"; }

# Seconds a step took last time, or the guess for the first time.
expected() { cat "$logs/$1.seconds" 2>/dev/null || echo "$2"; }

# "12 s, about 40 s left" from ninja's own count where the log has one, else from the last time this step ran.
status_of() {
  local log=$1 elapsed=$2 usual=$3 count left
  count=$(tail -c 4000 "$log" 2>/dev/null | tr '\r' '\n' | grep -oE '^\[[0-9]+/[0-9]+\]' | tail -1 || true)
  if [[ $count =~ ([0-9]+)/([0-9]+) && ${BASH_REMATCH[1]} -gt 0 ]]; then
    left=$((elapsed * (BASH_REMATCH[2] - BASH_REMATCH[1]) / BASH_REMATCH[1]))
    printf '%s %d s, about %d s left' "$count" "$elapsed" "$left"
  elif [ "$usual" -gt "$elapsed" ]; then
    printf '%d s, about %d s left' "$elapsed" $((usual - elapsed))
  else
    printf '%d s' "$elapsed"
  fi
}

# step NAME GUESS TITLE COMMAND...: its output goes to NAME.log, its progress to the terminal
step() {
  local name=$1 usual title=$3 log=$logs/$1.log start=$SECONDS last=0 elapsed status=0
  usual=$(expected "$1" "$2")
  shift 3
  "$@" >"$log" 2>&1 &
  child=$!
  while kill -0 "$child" 2>/dev/null; do
    sleep 0.2
    elapsed=$((SECONDS - start))
    [ "$elapsed" -ge 2 ] || continue
    if [ -t 1 ]; then
      printf '\r\033[K%s: %s' "$title" "$(status_of "$log" "$elapsed" "$usual")"
    elif [ $((elapsed - last)) -ge 10 ]; then
      last=$elapsed
      say "$title: $(status_of "$log" "$elapsed" "$usual")"
    fi
  done
  wait "$child" || status=$?
  child=
  [ ! -t 1 ] || printf '\r\033[K'
  elapsed=$((SECONDS - start))
  if [ "$status" -ne 0 ]; then
    say "$title: FAILED after $elapsed s. The end of $log:"
    tail -25 "$log"
    [ -z "$hint" ] || say "$hint"
    exit 1
  fi
  echo "$elapsed" >"$logs/$name.seconds"
  say "$title: done in $elapsed s"
}

say "libblasx quickstart; logs in $logs"
if [ "$install" -eq 1 ]; then
  hint="Then run this again, or try with the packages that are here: scripts/quickstart.sh --no-install"
  step install 150 "Packages" scripts/install_deps.sh build test programs
fi
hint="If that is for want of a package: scripts/install_deps.sh build test programs"
step configure 10 "Configure" cmake --preset release
hint=
step build 120 "Build" cmake --build --preset release --target blasx blasx-info blasx-run
library=$(find build/release -name 'libblasx.so' -print -quit)
[ -n "$library" ] || { say "The build left no libblasx.so, see $logs/build.log"; exit 1; }

say ""
say "Unmodified programs, without and with libblasx:"
arguments=(--library "$library" --out "$logs/programs" --repeat 1)
[ "$size" -eq 0 ] || arguments+=(--size "$size")
status=0
# shellcheck disable=SC2086  # a list of names
python3 scripts/programs/run.py "${arguments[@]}" $programs 2> >(tee "$logs/programs.log" >&2) | tee "$logs/programs.txt" || status=$?

say ""
summary+=("library    $library")
summary+=("try        $(find build/release -name blasx-run -type f -print -quit || true) --stats YOUR_PROGRAM")
summary+=("results    $logs/programs/report.json, tables in $logs/programs/*/with/stats.txt")
summary+=("took       $((SECONDS - begun)) s")
say "Summary"
printf '  %s\n' "${summary[@]}"
if [ "$status" -ne 0 ]; then
  say "  verdict    FAILED: see the lines in capitals above"
  exit 1
fi
say "  verdict    every program ran, its calls were taken, its results are within rounding"
