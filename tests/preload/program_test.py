# SPDX-License-Identifier: Apache-2.0
"""One unmodified program under libblasx, for one host BLAS, in two modes.

Holds: every level-3 call the program makes is counted under its name; results lie within the rounding bound of the run
without the library; nothing is written where the program's user would see it. Exit status 77: skipped, with a reason.
"""
import argparse
import json
import os
import sys

SKIPPED = 77
LIBRARIES = "/usr/lib/x86_64-linux-gnu"
HOSTS = {
    "openblas": ("libopenblas.so.0", "libopenblas0-pthread"),
    "blis": ("libblis.so.4", "libblis4-pthread"),
    "reference": ("blas/libblas.so.3", "libblas3"),
    "builtin": ("builtin", ""),
}
# By default small calls stay with the host BLAS; with the second set everything becomes tiles on devices that copy.
MODES = {
    "default": {},
    "tiles": {"BLASX_THRESHOLD": "0", "BLASX_DEVICES": "host:2", "BLASX_TILE": "64", "BLASX_DEVICE_MEMORY": "1M"},
}
# Recursive factorisations make products of nothing, which are done before they could run anywhere.
MOST_EMPTY_CALLS = 3
# What a program calls by name when its LAPACK is the reference one: a factorisation of each kind.
LAPACK_CALLS = {
    "numpy": ("dtrsm", "dgemm", "dsyrk"),
    "scipy": ("dtrsm", "dgemm"),
    "R": ("dtrsm", "dgemm", "dsyrk"),
    "octave": ("dtrsm", "dgemm", "dsyrk", "dtrmm"),
}
HPCC_CALLS = ("dgemm", "dtrsm")


def find_library(relative):
    """Debian keeps the alternatives apart from the chosen one; elsewhere the loader has to know the name."""
    for folder in (LIBRARIES, "/usr/lib64", "/usr/lib"):
        path = os.path.join(folder, relative)
        if os.path.exists(path):
            return os.path.realpath(path)
    return ""


def expected_calls(report):
    """Exact counts where the jobs say so; a job that leaves it to LAPACK adds an unknown number."""
    exact = {}
    for job in report["jobs"]:
        for name, count in (job["calls"] or {}).items():
            exact[name] = exact.get(name, 0) + count
    return exact


def check(what, found, problems):
    if not found:
        problems.append(what)


def judge(label, report, counts, plain, folders, compare, lapack, problems):
    open_ended = any(job["calls"] is None for job in report["jobs"])
    exact = expected_calls(report)
    for name, count in exact.items():
        seen = counts[name].calls if name in counts else 0
        fine = seen >= count if open_ended else seen == count
        check(f"{label}: {name} was called {count} times, counted {seen}", fine, problems)
    required = HPCC_CALLS if report["program"] == "hpcc" else lapack
    for name in required:
        check(f"{label}: LAPACK's {name} was not taken", name in counts and counts[name].calls > exact.get(name, 0), problems)
    for difference in compare.differences(plain, folders[0], report, folders[1]):
        check(f"{label}: {difference.name} is off by {difference.largest:.3g}, allowed {difference.allowed:.3g}",
              difference.within, problems)
    check(f"{label}: the run says\n{report['messages']}", report["messages"] == plain["messages"], problems)


def main():
    parser = argparse.ArgumentParser()
    for name in ("library", "program", "host", "work", "scripts", "wheels"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--lapack", action="store_true", help="with the reference LAPACK above the BLAS")
    parser.add_argument("--size", type=int, default=150)
    options = parser.parse_args()
    sys.path.insert(0, options.scripts)
    import compare  # pylint: disable=import-outside-toplevel
    import programs  # pylint: disable=import-outside-toplevel
    import stats  # pylint: disable=import-outside-toplevel

    host = options.host
    if host != "builtin":
        host = find_library(HOSTS[options.host][0])
        if not host:
            print(f"skipped: {HOSTS[options.host][0]} is not here; apt-get install {HOSTS[options.host][1]}")
            return SKIPPED
    try:
        command = programs.command_of(options.program, options.wheels)
    except programs.Unavailable as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    settings = {"OPENBLAS_NUM_THREADS": "2"}
    lapack = ()
    if options.lapack:
        folders = [os.path.join(LIBRARIES, name) for name in ("lapack", "blas")]
        if not all(os.path.exists(os.path.join(folder, f"lib{os.path.basename(folder)}.so.3")) for folder in folders):
            print("skipped: the reference LAPACK is not here; apt-get install liblapack3 libblas3")
            return SKIPPED
        # Both: OpenBLAS's libblas.so.3 brings a LAPACK of its own into the process. R's start script has its own variable.
        settings["LD_LIBRARY_PATH"] = settings["R_LD_LIBRARY_PATH"] = ":".join(folders)
        lapack = LAPACK_CALLS[options.program]

    factorises = options.lapack or options.program == "hpcc"
    size = ["--size", str(options.size)]
    base = os.path.join(options.work, "without")
    plain, _ = programs.run(options.program, command, base, size, settings=settings, timeout=120)
    problems, lines = [], []
    for mode, values in MODES.items():
        folder = os.path.join(options.work, mode)
        variables = {**settings, **values, "BLASX_CACHE_DIR": "off", "BLASX_HOST_BLAS": host}
        try:
            report, counts = programs.run(options.program, command, folder, size, options.library, variables, 120)
        except programs.RunFailed as failure:
            problems.append(f"{mode}: {failure}")
            continue
        judge(mode, report, counts, plain, (base, folder), compare, lapack, problems)
        elsewhere = sum(count.places["on host"] for count in counts.values())
        if mode == "tiles":
            check(f"tiles: {elsewhere} calls stayed on the host",
                  elsewhere <= (MOST_EMPTY_CALLS if factorises else 0), problems)
        lines.append(f"{mode}: {stats.calls_text(counts)} ({stats.places_text(counts)})")
    print("\n".join(lines))
    with open(os.path.join(options.work, "problems.json"), "w", encoding="utf-8") as file:
        json.dump(problems, file, indent=1)
    for problem in problems:
        print("FAILED: " + problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
