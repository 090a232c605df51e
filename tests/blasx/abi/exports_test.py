#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the exported names of libblasx.so and libblasx_blas.so to a list written independently of the tables they are made from:
every promised spelling is there, and nothing else."""
import argparse
import pathlib
import re
import subprocess
import sys

ROUTINES = [t + r for r in ("gemm", "symm", "syrk", "syr2k", "trmm", "trsm", "gemmt", "gemmtr") for t in "sdcz"]
ROUTINES += [t + r for r in ("hemm", "herk", "her2k", "gemm3m") for t in "cz"]
BATCHES = [t + r for r in ("gemm_batch", "gemm_batch_strided") for t in "sdcz"]
FORTRAN = ["{}_", "{}", "{}_64_", "{}_64", "scipy_{}_", "scipy_{}_64_"]
CBLAS = ["cblas_{}", "cblas_{}_64", "cblas_{}64_", "scipy_cblas_{}", "scipy_cblas_{}64_"]


def exported(library):
    out = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1] for line in out.splitlines()}


def declared(header):
    """The functions of a public header."""
    return set(re.findall(r"\b(blasx_[a-z_]+)\(", re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)))


def base(name):
    """The routine behind a spelling: daxpy of scipy_cblas_daxpy64_."""
    return re.sub(r"(_64_|64_|_64|_)$", "", re.sub(r"^(scipy_)?(cblas_)?", "", name))


def report(title, names):
    if names:
        print(f"{title}: {', '.join(sorted(names))}")
    return bool(names)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", help="libblasx.so")
    parser.add_argument("standing_in", help="libblasx_blas.so")
    parser.add_argument("header", type=pathlib.Path, help="blasx.h")
    parser.add_argument("--reference", help="the reference BLAS, whose names the second library must all have")
    arguments = parser.parse_args()

    level3 = {form.format(name) for name in ROUTINES + BATCHES for form in FORTRAN + CBLAS}
    control = declared(arguments.header)
    ours, standing_in = exported(arguments.library), exported(arguments.standing_in)
    versioned = {name for name in ours | standing_in if "@" in name}
    wrong = report("libblasx.so lacks", (level3 | control) - ours)
    wrong |= report("libblasx.so exports besides", ours - level3 - control)
    wrong |= report("libblasx_blas.so lacks", (level3 | control) - standing_in)
    wrong |= report("with a symbol version", versioned)
    if arguments.reference:
        names = {n for n in exported(arguments.reference) if n.endswith("_") or n.startswith("cblas_")}
        wrong |= report("libblasx_blas.so lacks, of the reference BLAS", names - standing_in)
        assert len(names) > 250, "this is no whole BLAS"
        bases = {base(name) for name in names}
        variables = {"CBLAS_CallFromC", "RowMajorStrg"}  # which the reference's own test programs look at
        strays = {name for name in standing_in - level3 - control - variables if base(name) not in bases}
        wrong |= report("libblasx_blas.so exports besides", strays)
    print(f"{len(ours)} names in libblasx.so, {len(standing_in)} in libblasx_blas.so")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
