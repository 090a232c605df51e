#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has it become slower? Compares two JSON files of one benchmark, case by case.

  bench/bench_compare.py bench/results/before.json after.json

A case counts as slower when a one-sided rank test says that the new times are larger (p below --level) and the median
ratio to the peer has fallen by more than --part: machines drift, and the peer in the same run drifts with them. Only
slower is a failure; faster never is. Exit status 1 when any case is slower.
"""
import argparse
import json
import math
import statistics
import sys


def ranks(values):
    """Ranks from 1, ties share their mean rank; also the sizes of the tied groups."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found, ties, i = [0.0] * len(values), [], 0
    while i < len(order):
        j = i
        while j + 1 < len(order) and values[order[j + 1]] == values[order[i]]:
            j += 1
        for k in range(i, j + 1):
            found[order[k]] = (i + j) / 2 + 1
        ties.append(j - i + 1)
        i = j + 1
    return found, ties


def exact_tail(u, m, n):
    """P(U >= u) under no difference, all orders of m and n untied values counted."""
    ways = {}

    def count(a, b, rest):
        if rest < 0:
            return 0
        if a == 0 or b == 0:
            return 1 if rest == 0 else 0
        key = (a, b, rest)
        if key not in ways:
            ways[key] = count(a - 1, b, rest - b) + count(a, b - 1, rest)
        return ways[key]

    return sum(count(m, n, k) for k in range(math.ceil(u), m * n + 1)) / math.comb(m + n, m)


def slower_p(before, after):
    """Mann-Whitney: probability of seeing `after` this much larger than `before` were they alike."""
    m, n = len(after), len(before)
    if m == 0 or n == 0:
        return 1.0
    all_ranks, ties = ranks(list(after) + list(before))
    u = sum(all_ranks[:m]) - m * (m + 1) / 2
    if max(ties) == 1 and m + n <= 24:
        return exact_tail(u, m, n)
    total = m + n
    variance = m * n / 12 * ((total + 1) - sum(t ** 3 - t for t in ties) / (total * (total - 1)))
    if variance <= 0:
        return 1.0
    z = (u - m * n / 2 - 0.5) / math.sqrt(variance)
    return 0.5 * math.erfc(z / math.sqrt(2))


def relative_times(row):
    """Our times over the peer's of the same moment, where there is a peer."""
    ours, peer = row["ours_s"], row.get("peer_s") or []
    return [a / b for a, b in zip(ours, peer)] if len(peer) == len(ours) else ours


def compare(before, after, level, part):
    """Lines (name, median change, p, slower) for the cases both files have."""
    old = {row["name"]: row for row in before["rows"]}
    lines = []
    for row in after["rows"]:
        if row["name"] not in old:
            continue
        a, b = relative_times(old[row["name"]]), relative_times(row)
        if not a or not b:
            lines.append((row["name"], float("nan"), 1.0, False))
            continue
        change = statistics.median(b) / statistics.median(a)
        p = slower_p(a, b)
        lines.append((row["name"], change, p, p < level and change > 1 + part))
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before")
    parser.add_argument("after")
    parser.add_argument("--level", type=float, default=0.01)
    parser.add_argument("--part", type=float, default=0.02)
    options = parser.parse_args()
    reports = []
    for path in (options.before, options.after):
        with open(path, encoding="utf-8") as file:
            reports.append(json.load(file))
    if reports[0]["benchmark"] != reports[1]["benchmark"]:
        sys.exit("the files are of different benchmarks")
    if reports[0]["machine"]["processor"] != reports[1]["machine"]["processor"]:
        print("the machines differ; what follows says little")
    lines = compare(*reports, options.level, options.part)
    if not lines:
        sys.exit("the files have no case in common")
    width = max(len(line[0]) for line in lines)
    for name, change, p, slower in lines:
        verdict = "SLOWER" if slower else "no sample" if math.isnan(change) else "fine"
        print(f"{name:<{width}}  time x {change:.3f}  p {p:.3f}  {verdict}")
    sys.exit(1 if any(line[3] for line in lines) else 0)


if __name__ == "__main__":
    main()
