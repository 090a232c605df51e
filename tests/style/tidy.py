# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over the project's own C++ as the build compiles it: tidy.py ROOT BUILD --clang-tidy PROGRAM [--jobs N] [FILE ...]

The tests are left out: GoogleTest's headers would double the time. Status 77: cannot be checked here.
"""
import argparse
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import tree

FOLDERS = ("common/", "blasx/", "lpcoll/", "ooc_gemm/", "clients/", "bench/")


def tidy(options, name):
    run = subprocess.run([options.clang_tidy, "--quiet", "--extra-arg=-Wno-unknown-warning-option", "-p", options.build, name], cwd=options.root,
                         capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return ""
    # A header's fault is found by everyone who includes it.
    return run.stdout or run.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root")
    parser.add_argument("build")
    parser.add_argument("--clang-tidy", default="clang-tidy")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("files", nargs="*")
    options = parser.parse_intermixed_args()
    options.root = os.path.realpath(options.root)
    version = subprocess.run([options.clang_tidy, "--version"], capture_output=True, text=True, check=False).stdout
    if "version 14." not in version:
        print(f"{options.clang_tidy}: the tree obeys version 14, this is another: {version.strip()}")
        return 77
    with open(os.path.join(options.build, "compile_commands.json"), encoding="utf-8") as file:
        compiled = {os.path.relpath(os.path.realpath(entry["file"]), options.root) for entry in json.load(file)}
    try:
        ours = compiled.intersection(tree.files(options.root))
    except tree.NoCheckout as reason:
        print(f"skipped: {reason}")
        return 77
    names = options.files or sorted(name for name in ours if name.startswith(FOLDERS) and name.endswith(".cpp"))
    if not names:
        print("nothing of ours is compiled here")
        return 1
    faults = {}
    with ThreadPoolExecutor(options.jobs) as pool:
        for name, output in zip(names, pool.map(lambda name: tidy(options, name), names)):
            for part in re.split(r"^(?=\S+:\d+:\d+: (?:error|warning):)", output, flags=re.M):
                if part.strip():
                    faults.setdefault(part, name)
    for part in faults:
        print(part.replace(options.root + "/", ""))
    print(f"clang-tidy: {len(names)} files, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
