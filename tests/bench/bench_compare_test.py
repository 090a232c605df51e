# SPDX-License-Identifier: Apache-2.0
import os
import sys
import unittest

sys.path.insert(0, os.environ["BLASX_BENCH_FOLDER"])

import bench_compare  # noqa: E402


def report(ours, peer=None):
    return {"rows": [{"name": "x", "ours_s": ours, "peer_s": peer or [1.0] * len(ours)}]}


class RankTest(unittest.TestCase):
    def test_all_larger_is_one_order_of_all(self):
        self.assertAlmostEqual(bench_compare.slower_p([1, 2, 3], [4, 5, 6]), 1 / 20)

    def test_all_smaller_is_certain(self):
        self.assertAlmostEqual(bench_compare.slower_p([4, 5, 6], [1, 2, 3]), 1.0)

    def test_exact_and_approximate_agree(self):
        before, after = list(range(0, 24, 2)), list(range(5, 29, 2))
        exact = bench_compare.slower_p(before, after)
        tied = bench_compare.slower_p(before + before, after + after)
        self.assertTrue(0.0 < tied < exact < 0.2)

    def test_equal_values_say_nothing(self):
        self.assertEqual(bench_compare.slower_p([1.0] * 9, [1.0] * 9), 1.0)

    def test_ties_share_ranks(self):
        self.assertEqual(bench_compare.ranks([5, 1, 5, 3])[0], [3.5, 1.0, 3.5, 2.0])


class Gate(unittest.TestCase):
    before = report([1.0, 1.01, 1.02, 1.03, 1.04, 1.05, 1.06])

    def slower(self, after):
        return bench_compare.compare(self.before, after, 0.01, 0.02)[0][3]

    def test_slower_fails(self):
        self.assertTrue(self.slower(report([1.2, 1.21, 1.22, 1.23, 1.24, 1.25, 1.26])))

    def test_faster_passes(self):
        self.assertFalse(self.slower(report([0.5, 0.51, 0.52, 0.53, 0.54, 0.55, 0.56])))

    def test_a_sure_but_tiny_change_passes(self):
        before = report([1.0 + i * 1e-6 for i in range(7)])
        after = report([1.001 + i * 1e-6 for i in range(7)])
        line = bench_compare.compare(before, after, 0.01, 0.02)[0]
        self.assertLess(line[2], 0.01)
        self.assertFalse(line[3])

    def test_a_slow_machine_is_the_peers_too(self):
        twice = [2 * x for x in self.before["rows"][0]["ours_s"]]
        self.assertFalse(self.slower(report(twice, [2.0] * 7)))

    def test_no_samples_is_no_verdict(self):
        self.assertFalse(self.slower(report([])))


if __name__ == "__main__":
    unittest.main()
