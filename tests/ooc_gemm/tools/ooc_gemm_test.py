# SPDX-License-Identifier: Apache-2.0
"""ooc-gemm as people use it: its words, its exit statuses, and that nothing kills a result."""
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import matrices

PROGRAM = None
SIDE = 900
KILLS = 20


class Program(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="ooc-gemm-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        numbers = random.Random(1)
        base = [numbers.uniform(-1, 1) for _ in range(SIDE * SIDE)]
        matrices.write(cls.path("A.npy"), SIDE, SIDE, base)
        matrices.write(cls.path("B.npy"), SIDE, SIDE, base[::-1])
        matrices.make(cls.path("a.npy"), 12, 7, 1)
        matrices.make(cls.path("b.npy"), 7, 9, 2)

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    def run_program(self, *words, **more):
        return subprocess.run([PROGRAM, *words], cwd=self.folder, capture_output=True, text=True, check=False, **more)

    def refused(self, status, *words, says=(), **more):
        done = self.run_program(*words, **more)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        for text in says:
            self.assertIn(text, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_help_teaches(self):
        text = self.run_program("--help").stdout
        for words in ("ooc-gemm A.npy B.npy -o C.npy --memory 2G", "LD_PRELOAD", "--verify", "continues"):
            self.assertIn(words, text)

    def test_product(self):
        done = self.run_program("a.npy", "b.npy", "-o", "c.npy", "--memory", "1K")
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ("plan: 12 x 9 x 7", "of the lower bound", "bound by", "done: ", "as planned"):
            self.assertIn(words, done.stdout)
        _, _, a = matrices.read(self.path("a.npy"))
        _, _, b = matrices.read(self.path("b.npy"))
        rows, cols, c = matrices.read(self.path("c.npy"))
        self.assertEqual((rows, cols), (12, 9))
        self.assertEqual(list(c), [sum(a[7 * i + l] * b[9 * l + j] for l in range(7)) for i in range(12) for j in range(9)])
        # C += A B, and beta times another matrix
        self.assertEqual(self.run_program("a.npy", "b.npy", "-o", "c.npy", "--accumulate", "-q").returncode, 0)
        self.assertEqual(list(matrices.read(self.path("c.npy"))[2]), [2 * value for value in c])
        self.assertEqual(self.run_program("a.npy", "b.npy", "-o", "d.npy", "-c", "c.npy", "--beta", "0.5", "--alpha=-1",
                                          "-q").returncode, 0)
        self.assertEqual(set(matrices.read(self.path("d.npy"))[2]), {0.0})
        verified = self.run_program("a.npy", "b.npy", "-o", "d.npy", "-c", "c.npy", "--beta", "0.5", "--alpha=-1", "--verify")
        self.assertEqual(verified.returncode, 0, verified.stderr)
        # old values that are gone are said to be
        self.refused(2, "a.npy", "b.npy", "-o", "c.npy", "--accumulate", "--verify", says=["old values are gone"])
        self.refused(5, "a.npy", "b.npy", "-o", "d.npy", "--verify", says=["d.npy: not the product"])

    def test_transposed(self):
        self.assertEqual(self.run_program("a.npy", "a.npy", "-t", "-o", "g.npy", "-q").returncode, 0)
        rows, cols, g = matrices.read(self.path("g.npy"))
        self.assertEqual((rows, cols), (7, 7))
        self.assertEqual(list(g), [g[7 * j + i] for i in range(7) for j in range(7)])

    def test_refusals(self):
        self.refused(2, says=["ooc-gemm: A is required", "ooc-gemm --help"])
        self.refused(2, "a.npy", "b.npy", "-o", "x.npy", "--threads", "0", says=["ooc-gemm: --threads", "256"])
        self.refused(2, "a.npy", "a.npy", "-o", "x.npy", says=["a.npy 12 x 7", "cannot be multiplied"])
        self.refused(2, "a.npy", "b.npy", "-o", "x.npy", "--memory", "much", says=["--memory much"])
        self.refused(2, "a.npy", "b.npy", "-o", "x.npy", "--alpha", "1,2,3", says=["--alpha 1,2,3"])
        self.refused(2, "a.npy", "b.npy", "-o", "x.npy", "--alpha", "1,2", says=["a.npy is real"])
        self.refused(4, "a.npy", "b.npy", "-o", "x.npy", "--memory", "16", says=["16 bytes is too small"])
        self.refused(3, "none.npy", "b.npy", "-o", "x.npy", says=["none.npy: cannot open: No such file"])
        self.refused(3, "a.npy", "b.npy", "-o", "/proc/x.npy", says=["/proc/x.npy.part: cannot create"])
        matrices.write(self.path("big.npy"), 7, 9, [0] * 63, descr=">f8")
        self.refused(2, "a.npy", "big.npy", "-o", "x.npy", says=["big.npy: offset", "big-endian", "astype('<f8')"])
        matrices.write(self.path("int.npy"), 7, 9, [0] * 63, letter="q", descr="<i8")
        self.refused(2, "a.npy", "int.npy", "-o", "x.npy", says=["int.npy: offset", "<f8", "are accepted"])
        with open(self.path("b.npy"), "rb") as file:
            whole = file.read()
        for length, words in ((0, "offset 0"), (60, "offset 60"), (500, "offset 500"), (len(whole) - 1, "the file ends here")):
            with open(self.path("cut.npy"), "wb") as file:
                file.write(whole[:length])
            self.refused(3 if length > 10 else 2, "a.npy", "cut.npy", "-o", "x.npy", says=["cut.npy: " , words])
        self.assertFalse(os.path.exists(self.path("x.npy")))

    def test_files_may_not_grow(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        self.refused(3, "a.npy", "b.npy", "-o", "x.npy", "-q", says=["x.npy.part: offset", "File too large"], preexec_fn=limit)
        self.assertFalse(os.path.exists(self.path("x.npy")))

    def test_full_disk(self):
        disk = self.path("disk")
        os.makedirs(disk, exist_ok=True)
        # 8 pages: too few for the product; 20 pages: enough for it, but not for the journal too
        for pages, words in ((8, "cannot reserve"), (20, "x.npy.part")):
            mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={4 * pages}k", "tmpfs", disk], capture_output=True,
                                     text=True, check=False)
            if mounted.returncode != 0:
                self.skipTest("no small disk can be mounted: " + mounted.stderr.strip())
            try:
                matrices.make(self.path("col.npy"), 100, 1, 5)
                matrices.make(self.path("row.npy"), 1, 100, 6)
                self.refused(3, "col.npy", "row.npy", "-o", "disk/x.npy", "-q", says=[words, "No space left on device"])
                self.assertFalse(os.path.exists(os.path.join(disk, "x.npy")))
            finally:
                subprocess.run(["umount", disk], check=True)

    def test_interrupted(self):
        words = ["A.npy", "B.npy", "-o", "I.npy", "--memory", "64K"]
        running = subprocess.Popen([PROGRAM, *words], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        # Its journal is there once it multiplies.
        while not os.path.exists(self.path("I.npy.part.journal")) and running.poll() is None:
            time.sleep(0.005)
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=120)
        self.assertEqual(running.returncode, 130, errors)
        self.assertIn("the same command continues", errors)
        self.assertFalse(os.path.exists(self.path("I.npy")))
        done = self.run_program(*words)
        self.assertEqual(done.returncode, 0, done.stderr)

    def finished_blocks(self, name):
        try:
            with open(self.path(name + ".part.journal"), encoding="ascii") as file:
                return sum(line.startswith("block ") and line.endswith("\n") for line in file)
        except FileNotFoundError:
            return 0

    def assert_bytes(self, name, expected, seed):
        with open(self.path(name), "rb") as file:
            self.assertTrue(file.read() == expected, f"seed {seed}: other bytes")

    def test_killed_at_random_moments(self):
        """The result is byte-equal to that of an undisturbed run, and no finished block is done again."""
        words = ["A.npy", "B.npy", "--memory", "256K", "-o"]
        begin = time.monotonic()
        self.assertEqual(self.run_program(*words, "U.npy", "-q").returncode, 0)
        usual = time.monotonic() - begin
        with open(self.path("U.npy"), "rb") as file:
            expected = file.read()
        seed = int(os.environ.get("OOC_GEMM_SEED", "1"))
        moments = random.Random(seed)
        kills = finished = most_kept = 0
        for _ in range(20 * KILLS):
            if kills == KILLS and finished > 0 and not os.path.exists(self.path("K.npy.part")):
                break
            kept = self.finished_blocks("K.npy")
            # Killed after the last thing that mattered: whether its journal was still there, the next run is right.
            named = os.path.exists(self.path("K.npy"))
            running = subprocess.Popen([PROGRAM, *words, "K.npy"], cwd=self.folder, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            if kills < KILLS and not named:
                try:
                    # Some early, when a run has hardly begun: how long that takes depends on the build.
                    running.wait(moments.uniform(0, usual * (kills % 3 + 1) / 3))
                except subprocess.TimeoutExpired:
                    running.kill()
            output, errors = running.communicate(timeout=120)
            if running.returncode == -signal.SIGKILL:
                kills += 1
                if os.path.exists(self.path("K.npy")):
                    self.assert_bytes("K.npy", expected, seed)
                continue
            self.assertEqual(running.returncode, 0, errors)
            if named and kept > 0:
                self.assertIn("an earlier run had finished", output)
            elif kept > 0:
                self.assertIn(f"continuing: {kept} of ", output)
                most_kept = max(most_kept, kept)
            self.assert_bytes("K.npy", expected, seed)
            finished += 1
            os.remove(self.path("K.npy"))
        self.assertEqual(kills, KILLS)
        self.assertGreater(finished, 0)
        print(f"seed {seed}: {kills} kills, {finished} results, up to {most_kept} blocks kept")


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
