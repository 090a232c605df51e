# SPDX-License-Identifier: Apache-2.0
"""What libblasx does to a program that never calls BLAS: nothing that can be seen from outside.

No second thread, no library opened that was not linked, no output, under 2 MB of resident memory; also in programs that
are scripts, start others, or replace themselves.
"""
import argparse
import os
import subprocess
import sys

LIMIT_KB = 2048


def output(library, *command, **variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BLASX_")}
    if library:
        environment["LD_PRELOAD"] = library
    environment.update(variables)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)


def status(library):
    fields = {}
    for line in output(library, "/bin/cat", "/proc/self/status").stdout.splitlines():
        name, _, value = line.partition(":")
        fields[name] = value.split()
    return fields


def mapped(library):
    lines = output(library, "/bin/cat", "/proc/self/maps").stdout.splitlines()
    return {os.path.basename(line.split()[5]) for line in lines if len(line.split()) > 5 and ".so" in line}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", required=True)
    library = os.path.realpath(parser.parse_args().library)
    problems = []
    threads = int(status(library)["Threads"][0])
    if threads != 1:
        problems.append(f"{threads} threads")
    plain = min(int(status("")["VmRSS"][0]) for _ in range(5))
    loaded = min(int(status(library)["VmRSS"][0]) for _ in range(5))
    if loaded - plain > LIMIT_KB:
        problems.append(f"{loaded - plain} kB of resident memory, at most {LIMIT_KB} are fine")
    opened = sorted(name for name in mapped(library) - mapped("") if any(
        word in name for word in ("openblas", "blis", "libblas", "mkl", "cuda", "cublas", "hwloc")) and
        name != os.path.basename(library))
    if opened:
        problems.append("opened " + " ".join(opened))
    for command in (("/bin/sh", "-c", "/bin/true; exec /bin/true"), ("/usr/bin/env", "true")):
        for variables in ({}, {"BLASX_DEVICES": "host:2", "BLASX_TILE": "banana"}):
            said = output(library, *command, **variables)
            if said.stdout or said.stderr:
                problems.append(f"{command[0]} {variables} says: {said.stdout}{said.stderr}")
    print(f"resident memory: {loaded - plain} kB more, threads: {threads}")
    for problem in problems:
        print("FAILED: " + problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
