# SPDX-License-Identifier: Apache-2.0
"""Times the statement `c = a @ b` on n x n matrices of doubles: numpy_statement.py N. Prints one JSON object."""
import json
import sys
import time

import numpy as np

n = int(sys.argv[1])
rng = np.random.default_rng(1)
a, b = rng.random((n, n)), rng.random((n, n))
seconds = []
for _ in range(4):
    begun = time.perf_counter()
    c = a @ b
    seconds.append(time.perf_counter() - begun)
rows = rng.integers(0, n, 20)
error = max(abs(c[i, j] - float(np.dot(a[i], b[:, j]))) for i, j in zip(rows, rows[::-1]))
# The first time also pays for opening the module and the card.
print(json.dumps({"n": n, "first_s": seconds[0], "seconds": sorted(seconds[1:])[1], "numpy": np.__version__,
                  "error": float(error / n), "right": bool(error <= 4 * n * n * np.finfo(float).eps)}))
