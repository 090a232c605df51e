# SPDX-License-Identifier: Apache-2.0
"""NumPy, unchanged, under LD_PRELOAD on GPUs of the stand-in: numpy_test.py LIBRARY STAND_IN_FOLDER.

Holds: the products are those of NumPy alone, they ran on the GPUs, nothing is said on stdout, and a lost GPU or a
broken cuBLAS costs one warning and no result. Status 77: there is no NumPy.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
# The system's, whose NumPy is the package's.
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else shutil.which("python3")
JOB = """
import numpy as np
rng = np.random.default_rng(1)
worst = 0.0
for dtype in (np.float64, np.float32, np.complex128):
    a, b = (rng.standard_normal((150, 150)).astype(dtype) for _ in range(2))
    with np.errstate(all="raise"):
        got = a @ b
    want = np.einsum("ik,kj->ij", a, b, optimize=False)
    worst = max(worst, float(abs(got - want).max() / np.finfo(dtype).eps))
print(worst)
"""
# Rounding of sums of 150 products of numbers about 1.
BOUND = 150 * 10


def run(library, stand_in, machine):
    environment = dict(os.environ, LD_PRELOAD=library, LD_LIBRARY_PATH=stand_in, FAKE_CUDA=machine, BLASX_DEVICES="cuda:0,cuda:1",
                       BLASX_THRESHOLD="0", BLASX_TILE="64", BLASX_DEVICE_MEMORY="2M", BLASX_EXPLAIN="1", BLASX_CACHE_DIR="off")
    return subprocess.run([PYTHON, "-c", JOB], env=environment, capture_output=True, text=True, check=False, timeout=200)


def main():
    library, stand_in = sys.argv[1:3]
    if subprocess.run([PYTHON, "-c", "import numpy"], capture_output=True, check=False).returncode != 0:
        print(f"skipped: {PYTHON} has no NumPy; apt-get install python3-numpy")
        return SKIPPED
    wrong = []
    broken = tempfile.mkdtemp()
    for name in os.listdir(stand_in):
        os.symlink(os.path.join(stand_in, name), os.path.join(broken, name))
        if name.startswith("libcublas.so."):
            os.unlink(os.path.join(broken, name))
            with open(os.path.join(broken, name), "w", encoding="utf-8") as file:
                file.write("no library")
    for name, machine, folder, warnings in (
            ("all well", "devices=2 memory=256M", stand_in, 0),
            ("a GPU is lost", "devices=2 memory=256M fail=cudaMemcpy2DAsync:9:late", stand_in, 1),
            ("the driver is old", "driver=old", stand_in, 1),
            ("cuBLAS is broken", "devices=2", broken, 1)):
        done = run(library, folder, machine)
        if done.returncode != 0:
            wrong.append(f"{name}: status {done.returncode}: {done.stderr}")
            continue
        if len(done.stdout.split()) != 1 or not float(done.stdout) <= BOUND:
            wrong.append(f"{name}: stdout {done.stdout!r}")
        lines = done.stderr.splitlines()
        calls = [json.loads(line) for line in lines if line.startswith("{")]
        told = [line for line in lines if "warning" in line]
        where = {call["place"] for call in calls}
        print(f"{name}: {len(calls)} calls on {sorted(map(str, where))}, {told}")
        if len(told) != warnings:
            wrong.append(f"{name}: {len(told)} warnings")
        if folder == stand_in and "driver" not in name and "devices" not in where:
            wrong.append(f"{name}: no call on devices")
    shutil.rmtree(broken)
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
