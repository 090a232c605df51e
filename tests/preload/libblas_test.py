#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the BLAS test programs of Debian's libblas-test with tiles so small that every call of level 3 runs as tiles.

With --preload the programs of level 3 run under LD_PRELOAD; with --standing-in all of them, of levels 1 to 3, find
libblasx_blas.so under the name libblas.so.3. A program passes when all its routines say so; the statistics have to show
that the calls were taken. Status 77: the programs are not installed."""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SKIPPED = 77
LIMIT_S = 120
# What each driver of level 3 tests: routines of the real and of the complex types.
ROUTINES = {"s": 6, "d": 6, "c": 9, "z": 9}
# Calls with no elements to write are answered without tiles: of six sizes one is 0, in the Fortran input for up to two of the sides.
LEAST_SHARE_AS_TILES = 0.6


def folder_of_programs():
    listed = subprocess.run(["dpkg", "-L", "libblas-test"], capture_output=True, text=True, check=False)
    for line in listed.stdout.splitlines():
        if line.endswith("/xblat3d"):
            return pathlib.Path(line).parent
    return None


def run(program, data, environment, work):
    """All that the program wrote, to its standard output and to its file."""
    done = subprocess.run([str(program)], stdin=open(data) if data else subprocess.DEVNULL, capture_output=True, text=True,
                          cwd=work, env=environment, timeout=LIMIT_S, check=False)
    text = done.stdout + done.stderr
    for out in work.glob("*blat*.out"):
        text += out.read_text()
    if done.returncode != 0:
        raise AssertionError(f"{program.name} ended with status {done.returncode}:\n{text}")
    return text


def check_passed(name, text, level, letter, cblas):
    bad = [line for line in text.splitlines() if re.search(r"FAIL|SUSPECT|ERROR(?!-EXITS)|ABANDONED|\*\*\*", line)]
    assert not bad, f"{name}:\n" + "\n".join(bad)
    passed = len(re.findall(r"PASS(?:ED)?\b", text)) - len(re.findall("ROUTINES PASS", text))
    if level == 3:
        # Error exits and computation; the C drivers compute in both layouts.
        assert passed == ROUTINES[letter] * (3 if cblas else 2), f"{name}: {passed} tests passed:\n{text}"
    else:
        assert passed >= 8, f"{name}: only {passed} tests passed:\n{text}"
    return passed


def check_taken(name, stats):
    """The columns of the last line of the table: calls, on host, and then where tiles ran."""
    total = [line.split() for line in stats.splitlines() if line.startswith("total")]
    assert total, f"{name}: no call was taken:\n{stats}"
    calls, on_host = int(total[0][1]), int(total[0][2])
    assert calls - on_host > LEAST_SHARE_AS_TILES * calls, f"{name}: {on_host} of {calls} calls stayed on the host"
    return calls, calls - on_host


def drivers(folder, levels):
    for level in levels:
        for letter in "sdcz":
            fortran = folder / f"{letter}blat{level}.in"
            c = folder / f"{letter}in{level}"
            yield folder / f"xblat{level}{letter}", fortran if level > 1 else None, level, letter, False
            yield folder / f"x{letter}cblat{level}", c if level > 1 else None, level, letter, True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--preload", help="libblasx.so")
    how.add_argument("--standing-in", help="libblasx_blas.so")
    parser.add_argument("--devices", default="host:2")
    arguments = parser.parse_args()

    folder = folder_of_programs()
    if folder is None:
        print("libblas-test is not installed: apt-get install libblas-test")
        return SKIPPED
    environment = {"PATH": os.environ["PATH"], "BLASX_CACHE_DIR": "off", "BLASX_TILE": "8", "BLASX_THRESHOLD": "0",
                   "BLASX_DEVICES": arguments.devices}
    with tempfile.TemporaryDirectory() as made:
        if arguments.preload:
            # The C drivers want variables of the reference BLAS, which is also a peer with no threads.
            environment |= {"LD_PRELOAD": arguments.preload, "LD_LIBRARY_PATH": str(folder)}
        else:
            (pathlib.Path(made) / "libblas.so.3").symlink_to(pathlib.Path(arguments.standing_in).resolve())
            environment["LD_LIBRARY_PATH"] = made
        faults = []
        for program, data, level, letter, cblas in drivers(folder, [3] if arguments.preload else [1, 2, 3]):
            with tempfile.TemporaryDirectory(dir=made) as work:
                stats = pathlib.Path(work) / "stats.txt"
                try:
                    text = run(program, data, environment | {"BLASX_STATS": str(stats)}, pathlib.Path(work))
                    passed = check_passed(program.name, text, level, letter, cblas)
                    taken = ""
                    if level == 3:
                        calls, tiles = check_taken(program.name, stats.read_text())
                        taken = f", {tiles} of {calls} calls as tiles"
                    print(f"{program.name}: {passed} tests passed{taken}", flush=True)
                except (AssertionError, OSError, subprocess.TimeoutExpired) as fault:
                    faults.append(str(fault))
        print("\n".join(faults))
        return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
