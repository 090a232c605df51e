#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A program nobody here wrote, with and without the library, unchanged and with equal results:
programs_test.py hpcc|mpi4py LIBRARY SCRIPTS -- LAUNCHER...; ends with 77 where the program is not installed."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

program, library, scripts = sys.argv[1:4]
launcher = sys.argv[5:]
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, scripts)


def run(folder, settings, command):
    done = subprocess.run([*launcher, "env", *settings, *command], cwd=folder, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    print(done.stdout)
    assert done.returncode == 0, f"{command} ended with status {done.returncode}"
    return done.stdout


def taken(said):
    rows = re.findall(r"^(?:broadcast|reduce|allreduce) +(\d+) +[\d.]+ +(\d+)", said, re.MULTILINE)
    return sum(int(number) for row in rows for number in row)


def hpcc(folder, settings):
    import hpcc_job
    text = hpcc_job.INPUT.format(n=800, block=64)
    text = text.replace("1            Ps", "2            Ps").replace("1            Qs", "2            Qs")
    with open(os.path.join(folder, "hpccinf.txt"), "w", encoding="ascii") as file:
        file.write(text)
    said = run(folder, settings, ["hpcc"])
    with open(os.path.join(folder, "hpccoutf.txt"), encoding="ascii", errors="replace") as file:
        output = file.read()
    assert hpcc_job.value_of("Success", output) == 1, output
    names = [f"HPL_{name}" for name in ("Anorm1", "AnormI", "BnormI", "Xnorm1", "XnormI")]
    return said, [], [hpcc_job.value_of(name, output) for name in names]


def mpi4py(folder, settings):
    import numpy
    said = run(folder, settings, [sys.executable, os.path.join(here, "mpi4py_job.py"), "out.npz"])
    out = numpy.load(os.path.join(folder, "out.npz"))
    return said, out["digests"].tolist(), out["sums"].tolist()


if program == "hpcc" and shutil.which("hpcc") is None:
    print("skipped: hpcc is not installed")
    sys.exit(77)
if program == "mpi4py" and subprocess.run([sys.executable, "-c", "import mpi4py, numpy"], check=False).returncode != 0:
    print("skipped: mpi4py or NumPy is not installed")
    sys.exit(77)
job = {"hpcc": hpcc, "mpi4py": mpi4py}[program]
with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
    _, exact, rounded = job(one, [])
    said, exact_with, rounded_with = job(other, [f"LD_PRELOAD={library}", "LPCOLL_CROSSOVER=0", "LPCOLL_STATS=1"])
    # HPC Challenge moves its large messages by algorithms of its own: there the library must be no hindrance.
    assert taken(said) > 0 or program == "hpcc", "no call was taken"
    assert exact_with == exact, "other results"
    # Sums of four numbers of about 1 in another order; hpcc prints few digits.
    assert len(rounded) > 0 and max(abs(a - b) / max(1, abs(a)) for a, b in zip(rounded_with, rounded)) < 1e-13, "other sums"
    print("calls taken:", taken(said))
