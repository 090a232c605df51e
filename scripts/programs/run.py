#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs unmodified programs without and with libblasx and reports what it made of them.

  scripts/programs/run.py --library build/release/lib/libblasx.so numpy scipy hpcc
"""
import argparse
import json
import os
import sys
import tempfile
import textwrap
import time

import compare
import programs
import stats


class Progress:
    """One line that is rewritten on a terminal, and left alone elsewhere; nothing in the first two seconds."""

    def __init__(self, title, jobs_are_equal):
        self.title, self.jobs_are_equal = title, jobs_are_equal
        self.start = time.monotonic()
        self.shown = False

    def __call__(self, text):
        elapsed = time.monotonic() - self.start
        if elapsed < 2 or not sys.stderr.isatty():
            return
        done, total = (int(number) for number in text.split()[0].split("/"))
        left = f", about {elapsed / done * (total - done):.0f} s left" if done and self.jobs_are_equal else ""
        print(f"\r\033[K  {self.title}: {text} ({elapsed:.0f} s{left})", end="", file=sys.stderr, flush=True)
        self.shown = True

    def close(self):
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def run_once(program, title, **arguments):
    progress = Progress(f"{program} {title}", program != "hpcc")
    try:
        return programs.run(program, progress=progress, **arguments)
    finally:
        progress.close()


def measure(program, options, folder):
    """Both runs of one program; a dictionary for people and machines."""
    command = programs.command_of(program, options.wheels)
    driver = ["--size", str(options.size_of[program]), "--repeat", str(options.repeat)]
    settings = dict(pair.split("=", 1) for pair in options.set)
    plain, _ = run_once(program, "without libblasx", command=command, out=os.path.join(folder, "without"),
                        options=driver)
    taken, counts = run_once(program, "with libblasx", command=command, out=os.path.join(folder, "with"),
                             options=driver, library=options.library, settings=settings)
    found = compare.differences(plain, os.path.join(folder, "without"), taken, os.path.join(folder, "with"))
    worst = max(found, key=lambda difference: difference.relative)
    return {
        "program": program, "version": plain["version"], "size": options.size_of[program],
        "calls": {name: count.calls for name, count in sorted(counts.items())},
        "places": stats.places_text(counts), "only_host": stats.only_on_host(counts),
        "gflops_without": compare.overall_gflops(plain), "gflops_with": compare.overall_gflops(taken),
        "largest_relative_difference": worst.relative, "in": worst.name,
        "within_rounding": all(difference.within for difference in found),
        "beyond": [difference.name for difference in found if not difference.within],
        "messages": taken["messages"],
    }


def show(result):
    print(f"{result['program']} {result['version']} (n = {result['size']})")
    calls = " ".join(f"{name}:{count}" for name, count in result["calls"].items()) or "none"
    print(textwrap.fill(calls, 100, initial_indent="  calls taken   ", subsequent_indent=" " * 16))
    print("  where         " + result["places"])
    ratio = result["gflops_with"] / result["gflops_without"] if result["gflops_without"] else float("nan")
    print(f"  GFLOP/s       {result['gflops_with']:.1f} with libblasx, {result['gflops_without']:.1f} without "
          f"(x {ratio:.2f})")
    if result["only_host"]:
        print("                all went to the BLAS underneath as they came: what differs is the machine")
    verdict = "within rounding" if result["within_rounding"] else "BEYOND ROUNDING in " + ", ".join(result["beyond"])
    print(f"  difference    {result['largest_relative_difference']:.1e} of the largest entry, in {result['in']}: "
          f"{verdict}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="+", choices=programs.PROGRAMS, metavar="PROGRAM",
                        help=", ".join(programs.PROGRAMS))
    parser.add_argument("--library", required=True, help="libblasx.so")
    parser.add_argument("--out", default="", help="folder for results and logs (default: a temporary one)")
    parser.add_argument("--size", type=int, default=0, help="matrix size (default: 2000; hpcc 4000)")
    parser.add_argument("--repeat", type=int, default=2, help="runs of each job, the best counts")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                        help="environment of the run with libblasx, as BLASX_TILE=512")
    parser.add_argument("--wheels", default="", help="folder for the virtual environment of the wheels")
    options = parser.parse_args()
    options.library = os.path.abspath(options.library)
    if not os.path.exists(options.library):
        sys.exit(f"{options.library} is not there: build it first (cmake --preset release && cmake --build --preset release)")
    options.size_of = {name: options.size or (4000 if name == "hpcc" else 2000) for name in programs.PROGRAMS}
    options.out = os.path.abspath(options.out or tempfile.mkdtemp(prefix="blasx-programs-"))
    options.wheels = options.wheels or os.path.join(options.out, "wheels")

    results, failed = [], False
    for program in options.programs:
        try:
            result = measure(program, options, os.path.join(options.out, program))
        except programs.Unavailable as reason:
            print(f"{program}: skipped: {reason}", flush=True)
            continue
        except (programs.RunFailed, ValueError) as reason:
            print(f"{program}: FAILED: {reason}", flush=True)
            failed = True
            continue
        show(result)
        results.append(result)
        failed = failed or not result["within_rounding"] or not result["calls"]
    with open(os.path.join(options.out, "report.json"), "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
    print("details: " + options.out)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
