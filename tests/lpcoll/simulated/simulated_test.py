#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The library over 16 simulated ranks: every value is right, its choice is about the best way there is, and each way takes what
the model says. Simulated time is the same on every machine. Usage: simulated_test.py run.py build-folder"""
import csv
import pathlib
import subprocess
import sys
import tempfile

RANKS = 16
# Measured costs meet the model; latencies hide behind each other where the model adds them up.
MODEL = (0.6, 1.7)
CLOSE = 1.1


def faults_of(rows):
    """What is wrong, in words."""
    faults = []
    cases = {(r["collective"], r["bytes"]) for r in rows}
    if len(cases) != 4:
        faults.append(f"{len(cases)} cases instead of 4")
    for case in sorted(cases):
        ways = {r["way"]: float(r["seconds"]) for r in rows if (r["collective"], r["bytes"]) == case}
        best = min(seconds for way, seconds in ways.items() if way not in ("lp", "MPICH"))
        if ways["lp"] > CLOSE * best:
            faults.append(f"{case}: the library's choice takes {ways['lp']}, the best way {best}")
        for row in rows:
            part = float(row["seconds"]) / float(row["predicted"]) if row["way"] in ("chain", "trees", "ring") else 1
            if (row["collective"], row["bytes"]) == case and not MODEL[0] < part < MODEL[1]:
                faults.append(f"{case}: {row['way']} takes {part:.2f} of its model")
    return faults


def main():
    run, build = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        stem = pathlib.Path(folder, "few")
        done = subprocess.run([sys.executable, "-B", run, "--build", build, "--ranks", str(RANKS), "--bytes", "64K,1M",
                               "--check", "--timeout", "150", "--stem", str(stem)], check=False)
        if done.returncode != 0:
            return done.returncode
        with open(f"{stem}.csv", newline="") as file:
            faults = faults_of(list(csv.DictReader(file)))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
