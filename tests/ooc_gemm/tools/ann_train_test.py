# SPDX-License-Identifier: Apache-2.0
"""ann-train as people use it: it learns, in any memory, on any BLAS, and goes on where it was."""
import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import matrices

PROGRAM = None
# Debian's own places, before whatever the alternatives system made of their names.
LIBRARIES = "/usr/lib/x86_64-linux-gnu"
OPENBLAS = [f"{LIBRARIES}/openblas-pthread/libopenblas.so.0", "libopenblas.so.0"]
REFERENCE = [f"{LIBRARIES}/blas/libblas.so.3"]
STEPS = 100


def loadable(paths):
    """The first library that is there and has the call."""
    for path in paths:
        try:
            if hasattr(ctypes.CDLL(path), "cblas_sgemm"):
                return path
        except OSError:
            continue
    return None


class Program(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="ann-train-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    def run_program(self, *words, **settings):
        environment = {**os.environ, **{key: value for key, value in settings.items() if value}}
        return subprocess.run([PROGRAM, *words], cwd=self.folder, capture_output=True, text=True, check=False, env=environment)

    def curve(self, name, *words, **settings):
        """Losses of the first steps."""
        done = self.run_program("784-256-10", "--steps", str(STEPS), "--log", name, *words, **settings)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(self.folder, name), encoding="ascii") as file:
            losses = [float(line.split("\t")[1]) for line in file]
        self.assertEqual(len(losses), STEPS)
        return losses, done.stdout

    def assert_near(self, losses, others, bound):
        worst = max(abs(one - other) for one, other in zip(losses, others, strict=True))
        self.assertLessEqual(worst, bound)
        return worst

    def test_help_teaches(self):
        text = self.run_program("--help").stdout
        for words in ("ann-train 784-256-10", "--memory 2M", "BLASX_DATA_DIR", "--checkpoint"):
            self.assertIn(words, text)

    def test_plan_prints_the_products_of_a_step(self):
        text = self.run_program("784-1024-1024-10", "--batch", "256", "--plan").stdout
        self.assertRegex(text, r"(?m)^  all +2448\.42 +30\.8 MiB$")
        self.assertIn("256 x 1024 x 784", text)
        self.assertIn("memory ", text)

    def test_learns(self):
        """784-256-10 passes 92 % on what it has not seen."""
        done = self.run_program("784-256-10")
        self.assertEqual(done.returncode, 0, done.stderr)
        shares = [float(share) for share in re.findall(r"held out: .* accuracy ([\d.]+) %", done.stdout)]
        self.assertEqual(len(shares), 5, done.stdout)
        self.assertGreater(shares[-1], 92)
        print(re.search(r"data: .*", done.stdout)[0], "-> held out", shares)

    def test_a_quarter_of_the_data_is_enough(self):
        whole, text = self.curve("whole")
        samples = int(re.search(r"data: (\d+) samples of 784", text)[1])
        self.assertIn("samples in memory", text)
        quarter, text = self.curve("quarter", "--memory", str(samples * 784 // 4))
        self.assertIn("samples in a file", text)
        worst = self.assert_near(whole, quarter, 1e-5)
        # so little that weights stream, too
        least, text = self.curve("least", "--memory", "850K")
        self.assertIn("weights in a file", text)
        print(f"loss of {STEPS} steps: a quarter differs by {worst:.1e}, 850K by {self.assert_near(whole, least, 1e-5):.1e}")

    def test_any_blas(self):
        if os.environ.get("BLASX_TEST_SANITIZER"):
            self.skipTest("a sanitizer has to be loaded before any other library")
        ours, _ = self.curve("ours", BLASX_DEVICES="host:2", BLASX_THRESHOLD="0", BLASX_TILE="64")
        for name, paths in (("OpenBLAS", OPENBLAS), ("the reference BLAS", REFERENCE)):
            library = loadable(paths)
            if library is None:
                self.skipTest(f"{name} is not there: {', '.join(paths)}")
            others, _ = self.curve(name, LD_PRELOAD=library)
            print(f"loss of {STEPS} steps: {name} differs by {self.assert_near(ours, others, 1e-4):.1e}")

    def test_numpys_files(self):
        # Two classes that a line parts.
        points = [((i * 37 % 101) / 50 - 1, (i * 61 % 97) / 48 - 1) for i in range(400)]
        matrices.write(os.path.join(self.folder, "x.npy"), 400, 2, [v for point in points for v in point])
        matrices.write(os.path.join(self.folder, "y.npy"), 400, 1, [int(x > y) for x, y in points], letter="q", descr="<i8")
        done = self.run_program("2-16-2", "--samples", "x.npy", "--labels", "y.npy", "--epochs", "60", "--batch", "16", "--rate", "0.3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(float(re.findall(r"held out: .* accuracy ([\d.]+) %", done.stdout)[-1]), 90)

    def test_refusals(self):
        for status, words, says in ((2, ["784"], "at least two sizes"), (2, ["784-x-10"], "'x'"),
                                    (2, ["784-10", "--memory", "lots"], "--memory lots"),
                                    (4, ["784-10", "--memory", "1K"], "bytes are the least"),
                                    (3, ["784-10", "--samples", "none", "--labels", "none"], "none: cannot open"),
                                    (3, ["784-256-10", "--memory", "1M", "--work", "/nowhere"], "/nowhere/ann-train-"),
                                    (3, ["784-10", "--steps", "1", "--checkpoint", "/nowhere/c"], "/nowhere/c.new: cannot create"),
                                    (3, ["784-10", "--log", "/nowhere/l"], "/nowhere/l: cannot be written")):
            done = self.run_program(*words, "-q")
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
            self.assertIn(says, done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_interrupted_and_continued(self):
        words = ["784-64-10", "--epochs", "3"]
        self.assertEqual(self.run_program(*words, "--log", "all", "--checkpoint", "all.ann").returncode, 0)
        running = subprocess.Popen([PROGRAM, *words, "--log", "part", "--checkpoint", "part.ann"], cwd=self.folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while not os.path.exists(os.path.join(self.folder, "part.ann")) and running.poll() is None:
            time.sleep(0.005)
        running.send_signal(signal.SIGINT)
        errors = running.communicate(timeout=120)[1]
        if running.returncode != 0:  # it may have come to its end before
            self.assertEqual(running.returncode, 130, errors)
            self.assertIn("the same command continues", errors)
        done = self.run_program(*words, "--log", "part", "--checkpoint", "part.ann")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("continuing after step", done.stdout)
        for one, other in (("all", "part"), ("all.ann", "part.ann")):
            with open(os.path.join(self.folder, one), "rb") as first, open(os.path.join(self.folder, other), "rb") as second:
                self.assertTrue(first.read() == second.read(), other)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
