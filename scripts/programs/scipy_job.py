# SPDX-License-Identifier: Apache-2.0
"""SciPy: its direct door to the Fortran BLAS, and factorisations that use it."""
import numpy as np
import scipy
from scipy import linalg
from scipy.linalg import blas

from recorder import Recorder, dominant, gamma, product_bound, uniform

recorder = Recorder("scipy", scipy.__version__)
n = recorder.options.size
k = n + 7
m = n - 5


def triangle_of(matrix):
    """Only what a rank-k update defines: the other triangle is the program's own."""
    return np.triu(matrix)


for letter, dtype in (("d", np.float64), ("s", np.float32), ("z", np.complex128), ("c", np.complex64)):
    def call(name, *arguments, **options):
        function = getattr(blas, letter + name)
        return lambda: function(*arguments, **options)

    weight = 4.0 if letter in "cz" else 1.0
    alpha = 0.5
    a = np.asfortranarray(uniform((n, k), dtype, 1))
    b = np.asfortranarray(uniform((k, m), dtype, 2))
    b2 = np.asfortranarray(uniform((n, k), dtype, 3))
    c = np.asfortranarray(uniform((n, m), dtype, 4))
    square = np.asfortranarray(uniform((n, n), dtype, 5))
    solved = np.asfortranarray(dominant(n, dtype, 6))
    product = product_bound(a, b) + product_bound(c[:, :1], c[:1, :])
    rank_k = product_bound(a, a.T)
    one_sided = product_bound(square, c)
    # |T^-1| <= 2 for the dominant triangle: forward error of a triangular solve.
    solve = 2 * 2 * 2 * gamma(n + 1, dtype) * 2

    def add(name, run, bound, operations):
        recorder.job(f"{letter}{name}", run, bound, {letter + name: 1}, weight * operations)

    add("gemm", call("gemm", alpha, a, b, beta=2.0, c=c), product, 2.0 * n * m * k)
    add("syrk", lambda run=call("syrk", alpha, a): triangle_of(run()), rank_k, 1.0 * n * n * k)
    add("syr2k", lambda run=call("syr2k", alpha, a, b2): triangle_of(run()), 2 * rank_k, 2.0 * n * n * k)
    add("symm", call("symm", alpha, square, c), one_sided, 2.0 * n * n * m)
    add("trmm", call("trmm", alpha, square, c), one_sided, 1.0 * n * n * m)
    add("trsm", call("trsm", 1.0, solved, c, lower=1, trans_a=1), solve, 1.0 * n * n * m)
    if letter in "cz":
        add("hemm", call("hemm", alpha, square, c, lower=1), one_sided, 2.0 * n * n * m)
        add("herk", lambda run=call("herk", alpha, a): triangle_of(run()), rank_k, 1.0 * n * n * k)
        add("her2k", lambda run=call("her2k", alpha, a, b2): triangle_of(run()), 2 * rank_k, 2.0 * n * n * k)

square, right = dominant(n, np.float64, 8), uniform((n, n), np.float64, 9)
spd = (square + square.T) / 2
factors = linalg.cho_factor(spd)
third = n ** 3 / 3
recorder.job("lu", lambda: np.concatenate(linalg.lu(square)[1:]), 20 * n * gamma(n, np.float64), None, 2 * third)
recorder.job("cho_solve", lambda: linalg.cho_solve(factors, right), 2 * 6 * gamma(3 * n, np.float64) * 2, None,
             2.0 * n ** 3)
recorder.job("solve_triangular", lambda: linalg.solve_triangular(square, right), 8 * gamma(n + 1, np.float64) * 2, None,
             1.0 * n ** 3)
recorder.finish()
