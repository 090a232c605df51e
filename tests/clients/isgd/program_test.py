# SPDX-License-Identifier: Apache-2.0
"""The program isgd-study as a user meets it: program_test.py ISGD_STUDY"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop()


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=250, check=False)


class IsgdStudy(unittest.TestCase):
    def test_compares_over_seeds_and_advises(self):
        with tempfile.TemporaryDirectory() as folder:
            curves = os.path.join(folder, "curves.jsonl")
            done = run("--net", "mlp:8", "--images", "300", "--batch", "10", "--gradients", "12", "--seeds", "2", "--curves", curves)
            self.assertEqual(done.returncode, 0, done.stderr)
            for text in ("accuracy after 12 gradients", "seconds to accuracy", "21.05", "best batch is"):
                self.assertIn(text, done.stdout)
            with open(curves, encoding="utf-8") as file:
                rows = [row for row in map(json.loads, file) if "method" in row]
        self.assertEqual({(row["method"], row["seed"]) for row in rows}, {("sgd", 1), ("sgd", 2), ("isgd", 1), ("isgd", 2)})

    def test_goes_on_with_more_seeds(self):
        with tempfile.TemporaryDirectory() as folder:
            curves = os.path.join(folder, "curves.jsonl")
            arguments = ["--net", "mlp:8", "--images", "300", "--batch", "10", "--gradients", "12", "--clock", "processor",
                         "--resume", "--curves", curves]
            self.assertEqual(run(*arguments, "--seeds", "1").returncode, 0)
            with open(curves, encoding="utf-8") as file:
                first = file.read()
            done = run(*arguments, "--seeds", "2")
            self.assertIn("2 seeds", done.stdout, done.stderr)
            with open(curves, encoding="utf-8") as file:
                both = file.read()
            self.refused(*arguments, "--rate", "0.5", says="not of")
        # To the digit of its seconds: the first seed was not run again.
        self.assertTrue(both.startswith(first) and both.count('"triggered"') == 2, both)

    def test_says_that_the_method_is_patented(self):
        self.assertIn("10,572,800", run("--help").stdout)

    def refused(self, *arguments, says):
        done = run(*arguments)
        self.assertNotEqual(done.returncode, 0, arguments)
        self.assertIn(says, done.stderr)

    def test_refusals(self):
        self.refused("--net", "alexnot", says="known are lenet")
        self.refused("--data", "/nowhere/at/all", says="/nowhere/at/all")
        self.refused("--net", "mlp:8", "--images", "50", "--batch", "90", says="fewer than a batch")
        self.refused("--net", "mlp:8", "--images", "300", "--batch", "10", "--gradients", "60", "--rate", "1e30", "--seeds", "1",
                     says="--rate")


if __name__ == "__main__":
    unittest.main()
