# SPDX-License-Identifier: Apache-2.0
"""The parts that judge programs, judged themselves: a tool that cannot fail proves nothing."""
import array
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.environ["BLASX_PROGRAM_SCRIPTS"])

import compare  # noqa: E402
import programs  # noqa: E402
import stats  # noqa: E402

TABLE = """libblasx: level-3 calls of python3 (process 17)
routine  calls  on host  cpu tiles  devices  operations  seconds  GFLOP/s  to device
dgemm       12        9          0        3     1.20 G    0.0100   120.00   1.50 MiB
zherk        1        0          1        0     0.10 G    0.0010   100.00        0 B
total       13        9          1        3     1.30 G    0.0110   118.00   1.50 MiB
"""


class Stats(unittest.TestCase):
    def test_reads_rows_and_leaves_the_total_out(self):
        counts = stats.parse(TABLE)
        self.assertEqual(sorted(counts), ["dgemm", "zherk"])
        self.assertEqual(counts["dgemm"].calls, 12)
        self.assertEqual(counts["dgemm"].places, {"on host": 9, "cpu tiles": 0, "devices": 3})
        self.assertEqual(stats.places_text(counts), "9 on host, 1 cpu tiles, 3 devices")
        self.assertFalse(stats.only_on_host(counts))
        for count in counts.values():
            count.places = {"on host": count.calls, "devices": 0}
        self.assertTrue(stats.only_on_host(counts))
        self.assertFalse(stats.only_on_host({}))

    def test_adds_tables_of_several_processes(self):
        self.assertEqual(stats.parse(TABLE + TABLE)["dgemm"].calls, 24)

    def test_a_broken_row_is_not_passed_over(self):
        with self.assertRaises(ValueError):
            stats.parse(TABLE.replace("       12        9 ", "       12 "))

    def test_no_calls(self):
        self.assertEqual(stats.parse("libblasx: no level-3 call was seen in sh (process 3)\n"), {})


class Compare(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def report(self, name, values, allowed):
        with open(os.path.join(self.folder.name, name), "wb") as file:
            array.array("d", values).tofile(file)
        return {"jobs": [{"name": "x", "file": name, "allowed": allowed}]}

    def difference(self, x, y, allowed):
        a, b = self.report("a", x, allowed), self.report("b", y, allowed)
        return compare.differences(a, self.folder.name, b, self.folder.name)[0]

    def test_within_and_beyond(self):
        close = self.difference([1.0, -4.0], [1.0, -4.5], 0.5)
        self.assertTrue(close.within)
        self.assertEqual(close.largest, 0.5)
        self.assertEqual(close.relative, 0.125)
        self.assertFalse(self.difference([1.0], [1.5], 0.25).within)

    def test_nan_against_a_number_is_never_within(self):
        self.assertFalse(self.difference([1.0], [float("nan")], 1e9).within)
        self.assertTrue(self.difference([float("nan")], [float("nan")], 0.0).within)

    def test_infinities(self):
        inf = float("inf")
        self.assertTrue(self.difference([inf], [inf], 0.0).within)
        self.assertFalse(self.difference([inf], [-inf], 1e9).within)

    def test_lengths_differ(self):
        self.assertFalse(self.difference([1.0], [1.0, 1.0], 1e9).within)

    def test_other_jobs(self):
        a, b = self.report("a", [1.0], 1.0), self.report("b", [1.0], 1.0)
        b["jobs"][0]["name"] = "y"
        with self.assertRaises(ValueError):
            compare.differences(a, self.folder.name, b, self.folder.name)


class Watch(unittest.TestCase):
    def test_a_program_that_hangs_is_killed(self):
        with tempfile.TemporaryDirectory() as folder:
            _, _, status = programs.watch(["sleep", "60"], dict(os.environ), os.path.join(folder, "o"), 0.2, None)
        self.assertNotEqual(status, 0)

    def test_progress_is_kept_from_messages(self):
        seen = []
        with tempfile.TemporaryDirectory() as folder:
            script = "echo progress 1/2 x >&2; echo oops >&2; echo out; exit 3"
            text, messages, status = programs.watch(["sh", "-c", script], dict(os.environ), os.path.join(folder, "o"),
                                                    10, seen.append)
        self.assertEqual((text, messages, status, seen), ("out\n", "oops\n", 3, ["1/2 x"]))


if __name__ == "__main__":
    unittest.main()
