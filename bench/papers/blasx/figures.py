# SPDX-License-Identifier: Apache-2.0
"""What the BLASX authors published: Wang, Wu, Xu, Xiao, Yang, BLASX, ICS 2016 (arXiv 1510.05041), and the data beside it.

Machine of 3 K40c, double precision.
"""

FAMILIES = ("gemm", "syrk", "syr2k", "symm", "trmm", "trsm")

# GFLOP/s on 3 GPUs, the best over n to 39936.
BEST_BLASX = dict(zip(FAMILIES, (3599, 3708, 3737, 3661, 3480, 3284)))
BEST_XT = dict(zip(FAMILIES, (3029, 2748, 2534, 1804, 2904, 2515)))
# Mean over n >= 8192 of BLASX over cuBLAS-XT.
MEAN_GAIN = dict(zip(FAMILIES, (1.29, 1.65, 1.83, 2.13, 1.28, 1.37)))
# 3 GPUs over 1, n >= 16384.
SPEED_UP = dict(zip(FAMILIES, (3.02, 2.89, 2.90, 2.95, 2.90, 2.75)))
SPEED_UP_XT = dict(zip(FAMILIES, (2.90, 2.31, 2.19, 1.87, 2.74, 2.51)))
