# SPDX-License-Identifier: Apache-2.0
"""What the Python drivers share: run jobs, time them, keep their results for comparison.

A driver hands over jobs; each is run, its best time noted and its result written as raw doubles. Everything ends in
one JSON object on stdout. Where the level-3 calls end up is no concern of a driver: it is the unmodified program.
"""
import argparse
import json
import math
import os
import sys
import time

import numpy as np


def unit_roundoff(dtype):
    return float(np.finfo(dtype).eps) / 2


def gamma(n, dtype):
    """Higham's gamma_n, with the constant of complex arithmetic where it applies."""
    terms = n * unit_roundoff(dtype)
    if np.issubdtype(dtype, np.complexfloating):
        terms *= 2 * math.sqrt(2)
    return terms / (1 - terms)


def product_bound(a, b, alpha=1.0):
    """Largest difference two right results of alpha * a @ b may have.

    Each lies within gamma |a| |b| of the exact one, and (|a| |b|)_ij is at most the norm of row i times that of column j.
    """
    rows = np.sqrt(np.max(np.sum(np.abs(a).astype(np.float64) ** 2, axis=-1)))
    columns = np.sqrt(np.max(np.sum(np.abs(b).astype(np.float64) ** 2, axis=-2)))
    return float(2 * gamma(a.shape[-1] + 3, np.result_type(a, b)) * abs(alpha) * rows * columns)


def uniform(shape, dtype, seed):
    """Entries in [-1, 1), also of the imaginary part; the same on every machine."""
    random = np.random.default_rng(seed)
    value = random.random(shape) * 2 - 1
    if np.issubdtype(dtype, np.complexfloating):
        value = value + 1j * (random.random(shape) * 2 - 1)
    return value.astype(dtype)


def dominant(n, dtype, seed):
    """I + R / 2n with |R| <= 1: diagonally dominant, so that factorisations have provable, small bounds."""
    return (np.eye(n) + uniform((n, n), np.float64, seed) / (2 * n)).astype(dtype)


class Recorder:
    def __init__(self, program, version):
        parser = argparse.ArgumentParser()
        parser.add_argument("--out", required=True, help="folder for the results")
        parser.add_argument("--size", type=int, default=150)
        parser.add_argument("--repeat", type=int, default=1)
        parser.add_argument("--only", default="", help="jobs whose name contains this text")
        self.options = parser.parse_args()
        os.makedirs(self.options.out, exist_ok=True)
        self.report = {"program": program, "version": version, "jobs": []}
        self.waiting = []

    def job(self, name, run, bound, calls=None, operations=0.0):
        """`calls`: level-3 calls one run makes by name, {"dgemm": 1}; None where the LAPACK decides."""
        if self.options.only in name:
            self.waiting.append((name, run, bound, calls, operations))

    def finish(self):
        for index, (name, run, bound, calls, operations) in enumerate(self.waiting):
            print(f"progress {index}/{len(self.waiting)} {name}", file=sys.stderr, flush=True)
            seconds = math.inf
            for _ in range(self.options.repeat):
                start = time.perf_counter()
                result = run()
                seconds = min(seconds, time.perf_counter() - start)
            file = f"{index:02d}.f64"
            result = np.ascontiguousarray(result)
            if np.iscomplexobj(result):
                result = result.view(result.real.dtype)
            result.astype(np.float64).tofile(os.path.join(self.options.out, file))
            self.report["jobs"].append({
                "name": name, "file": file, "allowed": bound, "seconds": seconds, "operations": operations,
                "calls": None if calls is None else {k: v * self.options.repeat for k, v in calls.items()},
            })
        print(json.dumps(self.report))
