# SPDX-License-Identifier: Apache-2.0
"""The HPC Challenge suite, of which HPL (a dense solve) is the part that lives on level-3 BLAS.

Writes its input file into a folder of its own, runs one rank under mpirun, reads the output file. `--preload` and
`--set` reach hpcc alone, not mpirun.
"""
import argparse
import json
import math
import os
import re
import struct
import subprocess
import sys

INPUT = """HPLinpack benchmark input file
Innovative Computing Laboratory, University of Tennessee
HPL.out      output file name (if any)
8            device out (6=stdout,7=stderr,file)
1            # of problems sizes (N)
{n}          Ns
1            # of NBs
{block}      NBs
0            PMAP process mapping (0=Row-,1=Column-major)
1            # of process grids (P x Q)
1            Ps
1            Qs
16.0         threshold
1            # of panel fact
2            PFACTs (0=left, 1=Crout, 2=Right)
1            # of recursive stopping criterium
4            NBMINs (>= 1)
1            # of panels in recursion
2            NDIVs
1            # of recursive panel fact.
1            RFACTs (0=left, 1=Crout, 2=Right)
1            # of broadcast
1            BCASTs (0=1rg,1=1rM,2=2rg,3=2rM,4=Lng,5=LnM)
1            # of lookahead depth
1            DEPTHs (>=0)
2            SWAP (0=bin-exch,1=long,2=mix)
64           swapping threshold
0            L1 in (0=transposed,1=no-transposed) form
0            U  in (0=transposed,1=no-transposed) form
1            Equilibration (0=no,1=yes)
8            memory alignment in double (> 0)
##### This line (no. 32) is ignored (it serves as a separator). ######
0            Number of additional problem sizes for PTRANS
1200         values of N
0            number of additional blocking sizes for PTRANS
40           values of NB
"""


def value_of(name, text):
    return float(re.search(rf"^{name}=(\S+)", text, re.MULTILINE).group(1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--size", type=int, default=600)
    parser.add_argument("--block", type=int, default=128)
    parser.add_argument("--repeat", type=int, default=1, help="ignored: one solve is the job")
    parser.add_argument("--only", default="")
    parser.add_argument("--preload", default="")
    parser.add_argument("--set", action="append", default=[], help="environment of hpcc, NAME=value")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    with open(os.path.join(options.out, "hpccinf.txt"), "w", encoding="ascii") as file:
        file.write(INPUT.format(n=options.size, block=options.block))
    output = os.path.join(options.out, "hpccoutf.txt")
    if os.path.exists(output):
        os.remove(output)  # hpcc appends

    command = ["mpirun", "-np", "1", "--bind-to", "none", "--oversubscribe"]
    if os.geteuid() == 0:
        command.append("--allow-run-as-root")
    command += ["env", *options.set]
    if options.preload:
        command.append(f"LD_PRELOAD={options.preload}")
    command.append("hpcc")
    print("progress 0/1 HPL and the rest of the suite", file=sys.stderr, flush=True)
    run = subprocess.run(command, cwd=options.out, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    sys.stderr.write(run.stderr)
    if run.returncode != 0 or not os.path.exists(output):
        sys.exit(f"hpcc ended with status {run.returncode}\n{run.stdout}")
    with open(output, encoding="ascii", errors="replace") as file:
        text = file.read()
    if value_of("Success", text) != 1:
        sys.exit("hpcc reports failure, see " + output)

    # What the solution is measured by: its norms agree to the digits printed, and HPL's own residual test passes.
    norms = [value_of(name, text) for name in ("HPL_Anorm1", "HPL_AnormI", "HPL_BnormI", "HPL_Xnorm1", "HPL_XnormI")]
    with open(os.path.join(options.out, "00.f64"), "wb") as file:
        file.write(struct.pack("5d", *(math.log(norm) for norm in norms)))  # differences are relative ones
    n, eps = options.size, value_of("HPL_eps", text)
    residual = value_of("HPL_RnormI", text) / (eps * n * (norms[1] * norms[4] + norms[2]))
    operations = 2 / 3 * n ** 3 + 1.5 * n ** 2
    print(json.dumps({
        "program": "hpcc", "version": "HPL", "residual": residual,
        "jobs": [{"name": f"HPL n={n}", "file": "00.f64", "allowed": 2e-5, "scale": 1.0, "calls": None,
                  "seconds": operations / (value_of("HPL_Tflops", text) * 1e12), "operations": operations}],
    }))
    if not residual < 16:
        sys.exit(f"HPL's residual {residual} is not below 16")


if __name__ == "__main__":
    main()
