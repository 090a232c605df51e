# SPDX-License-Identifier: Apache-2.0
"""NumPy as people use it: products, einsum, factorisations."""
import numpy as np

from recorder import Recorder, dominant, gamma, product_bound, uniform

recorder = Recorder("numpy", np.__version__)
n = recorder.options.size
k = n + 7  # no dimension is a multiple of a tile

for dtype, letter in ((np.float64, "d"), (np.float32, "s"), (np.complex128, "z"), (np.complex64, "c")):
    a, b = uniform((n, k), dtype, 1), uniform((k, n), dtype, 2)
    name = np.dtype(dtype).name
    weight = 4 if letter in "cz" else 1
    recorder.job(f"{name} a @ b", lambda a=a, b=b: a @ b, product_bound(a, b), {f"{letter}gemm": 1},
                 2.0 * weight * n * n * k)
    # NumPy sees that both operands are one matrix and asks for half of it only.
    recorder.job(f"{name} a @ a.T", lambda a=a: a @ a.T, product_bound(a, a.T), {f"{letter}syrk": 1},
                 1.0 * weight * n * n * k)

a, b = uniform((n, k), np.float64, 3), uniform((n, k), np.float64, 4)
recorder.job("einsum ij,kj->ik", lambda: np.einsum("ij,kj->ik", a, b, optimize=True), product_bound(a, b.T),
             {"dgemm": 1}, 2.0 * n * n * k)
recorder.job("sliced a[::2] @ b[:, 1:].T", lambda: a[::2, 1:] @ b[:, 1:].T, product_bound(a, b.T), {"dgemm": 1},
             1.0 * n * n * k)
stack = uniform((3, n, n), np.float64, 5)
recorder.job("stack of 3 products", lambda: stack @ stack[::-1], product_bound(stack, stack), {"dgemm": 3},
             6.0 * n ** 3)

square, right = dominant(n, np.float64, 6), uniform((n, n), np.float64, 7)
spd = (square + square.T) / 2
third = n ** 3 / 3
# |A^-1| <= 2 and |L||U| <= 3 for such a matrix (infinity norm), so the error of a solution is below 6 gamma_3n |x|.
recorder.job("solve", lambda: np.linalg.solve(square, right), 2 * 6 * gamma(3 * n, np.float64) * 2.0, None,
             2 * third + 2.0 * n ** 3)
recorder.job("cholesky", lambda: np.linalg.cholesky(spd), 4 * n * gamma(n + 1, np.float64), None, third)
recorder.job("qr", lambda: np.concatenate(np.linalg.qr(square)), 20 * n * gamma(n, np.float64), None, 8 * third)
recorder.job("singular values", lambda: np.linalg.svd(square, compute_uv=False), 20 * n * gamma(n, np.float64), None,
             8 * third)
recorder.finish()
