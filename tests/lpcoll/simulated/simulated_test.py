#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The library over 16 simulated ranks: every value is right, its choice is about the best way there is, each way takes what the
model says, and the link is measured as it is. Simulated time is the same on every machine. Usage: simulated_test.py run.py
build-folder"""
import csv
import importlib.util
import pathlib
import subprocess
import sys
import tempfile

RANKS = 16
# Measured costs meet the model; latencies hide behind each other where the model adds them up.
MODEL = (0.6, 1.7)
CLOSE = 1.1
LINK = (1e-6, 0.8e-9, 10e-6)  # two overheads, a port's bytes, two latencies


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


def link_faults(run, build):
    """Some barriers let the last rank go long after the first."""
    spec = importlib.util.spec_from_file_location("run", run)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.SETTINGS.append("smpi/barrier:ompi_doublering")
    arguments = module.parse(["--build", build, "--bytes", "64K", "--timeout", "60"])
    _, link = module.simulate(arguments, RANKS, "ompi", ["broadcast"], ["chain"])
    return [f"{name} of the link is {measured}, not {real}" for name, measured, real in
            zip(("alpha", "beta", "latency"), link, LINK) if not real / CLOSE < measured < real * CLOSE]


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
    faults += link_faults(run, build)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
