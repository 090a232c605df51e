# SPDX-License-Identifier: Apache-2.0
"""The program memsched as a user meets it: program_test.py MEMSCHED"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

PROGRAM = sys.argv.pop()


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120, check=False)


class Memsched(unittest.TestCase):
    def test_plan_prints_the_ladder(self):
        done = run("plan", "--net", "alexnet", "--batch", "200")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("l_peak 886.23 MiB", done.stdout)
        for rung in ("nothing", "+ liveness", "+ offload", "+ recompute"):
            self.assertIn(f"\n{rung} ", done.stdout)

    def test_json_can_be_read(self):
        done = run("plan", "--net", "resnet152", "--batch", "32", "--memory", "3G", "--json")
        rows = json.loads(done.stdout)["rows"]
        self.assertEqual(len(rows), 5)
        self.assertLessEqual(rows[4]["arena_bytes"], 3 << 30)
        self.assertGreater(rows[4]["replays"], 0)

    def test_picture_is_xml(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "memory.svg")
            self.assertEqual(run("plan", "--net", "inception-v4", "--memory", "4G", "--svg", path).returncode, 0)
            self.assertTrue(xml.etree.ElementTree.parse(path).getroot().tag.endswith("svg"))

    def refused(self, *arguments, says):
        done = run(*arguments)
        self.assertNotEqual(done.returncode, 0, arguments)
        self.assertIn(says, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_refusals_say_what_is_accepted(self):
        self.refused("plan", "--net", "alexnot", says="known are lenet")
        self.refused("plan", "--net", "alexnet", "--batch", "200", "--memory", "1G", says="l_peak = 929280000 bytes")
        self.refused("plan", "--net", "alexnet", "--memory", "12Q", says="12Q")
        self.refused("plan", "--net", "alexnet", "--batch", "0", says="batch 0")
        self.refused("plan", "--net", "alexnet", "--image", "8", says="larger images")
        self.refused("plan", "--net", "alexnet", "--with", "magic", says="liveness")
        self.refused("plan", "--net", "alexnet", "--svg", "/nowhere/at/all.svg", says="cannot be written")
        self.refused("plan", "--net", "alexnet", "--batch", "200", "--memory", "500M", says="parameters alone")
        self.refused("deepest", "--memory", "100M", says="not even")


if __name__ == "__main__":
    unittest.main()
