# SPDX-License-Identifier: Apache-2.0
"""Compares the results two runs of one program left behind, job by job."""
import array
import os
from dataclasses import dataclass


@dataclass
class Difference:
    name: str
    largest: float  # |x - y|, largest over the result
    relative: float  # the same over the largest |x|
    allowed: float  # by the rounding analysis, for `largest`

    @property
    def within(self):
        return self.largest <= self.allowed  # false for NaN


def read(path):
    values = array.array("d")
    with open(path, "rb") as file:
        values.frombytes(file.read())
    return values


def largest_difference(x, y):
    """NaN where one side has NaN and the other has not; infinity where lengths differ."""
    if len(x) != len(y):
        return float("inf")
    if x == y:
        return 0.0
    worst = 0.0
    for p, q in zip(x, y):
        if p == q or (p != p and q != q):
            continue
        gap = abs(p - q)
        if gap != gap:
            return gap
        worst = max(worst, gap)
    return worst


def differences(report, folder, other_report, other_folder):
    """One Difference for each job; both runs must have done the same jobs."""
    names = [job["name"] for job in report["jobs"]]
    if names != [job["name"] for job in other_report["jobs"]]:
        raise ValueError("the two runs did different jobs")
    found = []
    for job, other in zip(report["jobs"], other_report["jobs"]):
        x = read(os.path.join(folder, job["file"]))
        y = read(os.path.join(other_folder, other["file"]))
        scale = job.get("scale") or max((abs(value) for value in x if value == value), default=0.0) or 1.0
        gap = largest_difference(x, y)
        found.append(Difference(job["name"], gap, gap / scale, job["allowed"]))
    return found


def overall_gflops(report):
    """All operations over all seconds of a run's jobs: what the program got done in a second."""
    seconds = sum(job["seconds"] for job in report["jobs"])
    return sum(job["operations"] for job in report["jobs"]) / seconds * 1e-9 if seconds > 0 else 0.0
