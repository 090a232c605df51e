# SPDX-License-Identifier: Apache-2.0
"""What opening GPUs measured is kept and used by the next process: rates_test.py LIBRARY STAND_IN_FOLDER."""
import json
import os
import re
import subprocess
import sys
import tempfile

SIDE = 500  # named devices take calls of this size
JOB = f"""
import ctypes
blasx = ctypes.CDLL({{library!r}})
matrix = (ctypes.c_double * {SIDE * SIDE})(*range({SIDE * SIDE}))
result = (ctypes.c_double * {SIDE * SIDE})()
one, none = ctypes.c_double(1), ctypes.c_double(0)
blasx.cblas_dgemm(102, 111, 111, {SIDE}, {SIDE}, {SIDE}, one, matrix, {SIDE}, matrix, {SIDE}, none, result, {SIDE})
"""
LINE = re.compile(r"^gpus s (\S+) d (\S+) c (\S+) z (\S+) link (\S+) memory (\S+)$", re.M)


def prediction(library, stand_in, folder, memory="8M"):
    """Seconds that the first call of a new process is predicted to take on GPUs."""
    environment = dict(os.environ, LD_LIBRARY_PATH=stand_in, FAKE_CUDA="devices=1 memory=64M", BLASX_DEVICES="cuda:0",
                       BLASX_DEVICE_MEMORY=memory, BLASX_EXPLAIN="1", BLASX_CACHE_DIR=folder)
    done = subprocess.run([sys.executable, "-c", JOB.format(library=library)], env=environment, capture_output=True,
                          text=True, check=True, timeout=200)
    calls = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert len(calls) == 1 and calls[0]["place"] == "devices", done.stderr
    return calls[0]["predicted_ns"]["devices"] * 1e-9


def main():
    library, stand_in = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        assumed = prediction(library, stand_in, folder)
        files = os.listdir(folder)
        assert len(files) == 1, files
        with open(os.path.join(folder, files[0]), encoding="utf-8") as file:
            found = LINE.search(file.read())
        assert found, "no line of GPUs in the rates file"
        double, link = float(found[2]), float(found[5])
        measured = prediction(library, stand_in, folder)
        computed = measured - assumed
        wanted = 2 * SIDE**3 / double
        print(f"assumed {assumed:.4f} s, measured {measured:.4f} s; dgemm {double:.3g}/s, link {link:.3g} B/s")
        assert computed > 0.5 * wanted, "the second process does not believe what the first one measured"
        assert os.listdir(folder) == files
        prediction(library, stand_in, folder, "16M")
        assert len(os.listdir(folder)) == 2, "what was measured with little memory is believed with more"


main()
