#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Broadcast and allreduce over 16 to 1024 simulated ranks: liblpcoll, its ways one by one, and SimGrid's models of what Open MPI and
MPICH choose. Writes a table, its figures and a plot, STEM.md, STEM.csv and STEM.svg, beside the costs that the paper's formulas give
(Wang, Wu, Bosilca, Vuduc, Xu, arXiv 1611.04255).

    bench/papers/lp/run.py                            # all, an hour or so, into bench/results/
    bench/papers/lp/run.py --ranks 16,64 --bytes 1M --stem /tmp/few

Needs SimGrid (Debian: libsimgrid-dev) when the project is built, and matplotlib for the plot."""
import argparse
import csv
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

PLATFORM = """<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <cluster id="cluster" prefix="host" suffix="" radical="0-{last}" speed="10Gf" bw="{bandwidth}" lat="{latency}"
           sharing_policy="SPLITDUPLEX"/>
</platform>
"""
UNTRIED = "64K"  # from which calls are taken where that is not tried: what the library assumes before it has tried
FIELDS = ["ranks", "collective", "bytes", "way", "seconds", "taken", "segment", "predicted"]
# Messages take what latency, bandwidth and the two ends' overheads say, the paper's model; computing takes no time.
SETTINGS = ["smpi/simulate-computation:no", "smpi/test:0", "network/model:CM02", "network/latency-factor:1",
            "network/bandwidth-factor:1", "network/crosstraffic:no", "network/TCP-gamma:0", "contexts/stack-size:256",
            "smpi/shared-malloc:global", "smpi/shared-malloc-blocksize:67108864"]


def smpirun(arguments, ranks, selector, command, settings):
    """The lines that the program prints, started over so many hosts behind one switch."""
    with tempfile.TemporaryDirectory() as folder:
        platform = pathlib.Path(folder, "platform.xml")
        platform.write_text(PLATFORM.format(last=ranks - 1, bandwidth=arguments.bandwidth, latency=arguments.latency))
        hosts = pathlib.Path(folder, "hosts")
        hosts.write_text("".join(f"host{i}\n" for i in range(ranks)))
        line = ["smpirun", "-np", str(ranks), "-platform", str(platform), "-hostfile", str(hosts),
                *(f"--log={name}.thresh:{level}" for name, level in
                  (("xbt_cfg", "warning"), ("smpi_config", "warning"), ("smpi_coll", "warning"),
                   ("smpi_colls", "warning"), ("smpi_pmpi", "error"))),
                *(f"--cfg={setting}" for setting in SETTINGS),
                *(f"--cfg=smpi/{end}:0:{arguments.overhead}:0" for end in ("os", "or", "ois")),
                f"--cfg=smpi/tmpdir:{folder}", f"--cfg=smpi/coll-selector:{selector}", *command]
        done = subprocess.run(line, env={**os.environ, "LPCOLL_WAIT": "mpi", **settings}, text=True, timeout=arguments.timeout,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise RuntimeError(f"smpirun failed with {done.returncode}:\n{done.stdout[-2000:]}")
        return done.stdout.splitlines()


def simulate(arguments, ranks, selector, collectives, ways):
    """Rows, and the link as the library has measured it (None where it had no reason to)."""
    command = [str(arguments.program), ",".join(collectives), arguments.bytes, ",".join(ways)]
    if arguments.check:
        command.append("check")
    settings = {} if ranks <= arguments.tried else {"LPCOLL_CROSSOVER": UNTRIED}
    rows, link = [], None
    for line in smpirun(arguments, ranks, selector, command, settings):
        found = re.fullmatch(r"# \d+ ranks, measured: alpha (\S+) s, beta (\S+) s, latency (\S+) s", line)
        if found:
            link = tuple(float(x) for x in found.groups())
        elif re.match(r"\d+,(broadcast|allreduce),", line):
            row = dict(zip(FIELDS, line.split(",")))
            if row["way"] == "mpi":
                row["way"] = {"ompi": "Open MPI", "mpich": "MPICH"}[selector]
            rows.append({**row, "ranks": int(row["ranks"]), "bytes": int(row["bytes"]),
                         "seconds": float(row["seconds"]), "predicted": float(row["predicted"])})
        else:
            print(line, file=sys.stderr)
    return rows, link


def paper(collective, n, ranks, segment, alpha, beta):
    """The paper's costs with gamma = 0: spanning tree, bidirectional exchange, linear pipeline in such segments."""
    depth = math.ceil(math.log2(ranks))
    pipeline = (ranks - 1 + n / segment) * alpha + (segment * (ranks - 1) + n) * beta
    if collective == "broadcast":
        return (depth * (alpha + n * beta),
                (math.log2(ranks) + ranks - 1) * alpha + 2 * (ranks - 1) / ranks * n * beta, pipeline)
    return (2 * depth * (alpha + n * beta), 2 * math.log2(ranks) * alpha + 2 * (ranks - 1) / ranks * n * beta,
            2 * (ranks - 1 + n / segment) * alpha + (segment * ranks - segment + n) * 2 * beta)


def size_text(n):
    return f"{n >> 20} MiB" if n >= 1 << 20 else f"{n >> 10} KiB"


def table(head, rows):
    widths = [max(len(str(line[i])) for line in [head, *rows]) for i in range(len(head))]
    lines = ["| " + " | ".join(str(x).rjust(w) for x, w in zip(line, widths)) + " |" for line in [head, *rows]]
    lines.insert(1, "| " + " | ".join("-" * (w - 1) + ":" for w in widths) + " |")
    return "\n".join(lines)


def report(arguments, rows, links):
    """The markdown."""
    ways = list(dict.fromkeys(r["way"] for r in rows))
    at = {(r["collective"], r["bytes"], r["ranks"], r["way"]): r for r in rows}
    text = ["# Broadcast and allreduce over simulated ranks", "",
            f"`bench/papers/lp/run.py`: SimGrid, one rank a host behind one switch, ports of {arguments.bandwidth}, {arguments.latency} a "
            f"link (two a message), {arguments.overhead} s of overhead at each end; computing takes no time. Milliseconds from when all "
            "ranks begin to when the last has ended. `lp` is what programs get, and which way that is; the others are forced. Open MPI "
            "and MPICH: SimGrid's models of their choices. Several chains, each beginning at another rank, are for allreduce alone.", ""]
    untried = sorted({r["ranks"] for r in rows if r["ranks"] > arguments.tried})
    if untried:
        text += [f"With {' and '.join(map(str, untried))} ranks `lp` has not tried itself against the MPI underneath and takes all calls "
                 f"of this size (`LPCOLL_CROSSOVER={UNTRIED}`): simulating that trial takes longer than all else.", ""]
    for collective, n in dict.fromkeys((r["collective"], r["bytes"]) for r in rows):
        lines = []
        for ranks in dict.fromkeys(r["ranks"] for r in rows):
            row = at.get((collective, n, ranks, "lp"))
            if row is None:
                continue
            cells = [at.get((collective, n, ranks, way)) for way in ways]
            lines.append([ranks, *(f"{c['seconds'] * 1e3:.3f}" if c else "-" for c in cells), row["taken"],
                          f"{row['predicted'] * 1e3:.3f}" if row["taken"] != "mpi" else "-"])
        text += [f"## {collective}, {size_text(n)}", "", table(["ranks", *ways, "lp's way", "its model"], lines), ""]
    text += ["## The paper's cost table", "",
             "With the costs that the library has measured there: alpha of a message, its latency included, and beta of a byte; gamma is 0. "
             "The pipeline in the segments of `chain`, beside what it took.", ""]
    lines = []
    for (collective, n, ranks, way), row in at.items():
        if way != "chain":
            continue
        alpha, beta, latency = links[ranks]
        costs = paper(collective, n, ranks, int(row["segment"]), alpha + latency, beta)
        lines.append([collective, size_text(n), ranks, *(f"{c * 1e3:.3f}" for c in costs), f"{row['seconds'] * 1e3:.3f}"])
    text.append(table(["", "bytes", "ranks", "spanning tree", "bidirectional exchange", "linear pipeline", "chain, simulated"], lines))
    return "\n".join(text) + "\n"


def plot(path, rows):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "lp"
    from matplotlib import pyplot
    cases = list(dict.fromkeys((r["collective"], r["bytes"]) for r in rows))
    ways = list(dict.fromkeys(r["way"] for r in rows))
    figure, axes = pyplot.subplots(1, len(cases), figsize=(4.2 * len(cases), 4), squeeze=False)
    for axis, (collective, n) in zip(axes[0], cases):
        for number, way in enumerate(ways):
            points = [(r["ranks"], r["seconds"] * 1e3) for r in rows
                      if (r["collective"], r["bytes"], r["way"]) == (collective, n, way)]
            if points:
                axis.plot(*zip(*sorted(points)), marker="o", markersize=3, label=way, color=f"C{number}",
                          linewidth=2.5 if way == "lp" else 1, linestyle="--" if way in ("Open MPI", "MPICH") else "-")
        axis.set(title=f"{collective}, {size_text(n)}", xlabel="ranks", ylabel="ms", xscale="log", yscale="log")
        axis.set_xticks(sorted({r["ranks"] for r in rows}), sorted({r["ranks"] for r in rows}), minor=False)
    axes[0][-1].legend(fontsize=8)  # an allreduce, by every way
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def write(arguments, rows, links):
    """All there is so far: the larger simulations take long."""
    stem = arguments.stem
    with open(f"{stem}.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    picture = f"\n![time over ranks]({pathlib.Path(stem).name}.svg)\n"
    pathlib.Path(f"{stem}.md").write_text(report(arguments, rows, links) + picture)
    try:
        plot(f"{stem}.svg", rows)
    except ImportError:
        print("run.py: no plot without matplotlib: apt-get install python3-matplotlib", file=sys.stderr)


def parse(words=None):
    """The command line, with the program and the stem that follow from it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parents[3]
    parser.add_argument("--build", type=pathlib.Path, default=root / "build/release", help="where the project is built")
    parser.add_argument("--ranks", default="16,64,256,512,1024", help="numbers of simulated ranks (%(default)s)")
    parser.add_argument("--tried", type=int, default=256, help="most ranks with which the library tries itself against "
                        "the MPI underneath: simulating that takes half an hour with 512, hours with 1024 (%(default)s)")
    parser.add_argument("--bytes", default="1M", help="sizes of the message (%(default)s)")
    parser.add_argument("--bandwidth", default="1.25GBps", help="of each port, each way (%(default)s)")
    parser.add_argument("--latency", default="5us", help="of each link (%(default)s)")
    parser.add_argument("--overhead", default="0.5e-6", help="seconds a message costs each end (%(default)s)")
    parser.add_argument("--stem", type=pathlib.Path, help="results without their suffix (by the date)")
    parser.add_argument("--check", action="store_true", help="look at every value; takes memory for all ranks")
    parser.add_argument("--timeout", type=float, default=7200, help="seconds for one simulation (%(default)s)")
    arguments = parser.parse_args(words)
    arguments.program = arguments.build / "bench/lpcoll_simulated"
    arguments.stem = arguments.stem or root / f"bench/results/{time.strftime('%Y-%m-%d')}-simulated-collectives"
    return arguments


def main():
    arguments = parse()
    if shutil.which("smpirun") is None or not arguments.program.exists():
        print(f"run.py: smpirun or {arguments.program} is missing: apt-get install libsimgrid-dev, then build lpcoll_simulated",
              file=sys.stderr)
        return 77
    rows, links = [], {}
    numbers = [int(x) for x in arguments.ranks.split(",")]
    start = time.time()
    for done, ranks in enumerate(numbers):
        some = f"chains:{max(2, ranks // 8)}"
        for selector, ways in (("ompi", ["lp", "chain", some, "ring", "trees", "mpi"]), ("mpich", ["mpi"])):
            more, link = simulate(arguments, ranks, selector, ["broadcast", "allreduce"], ways)
            rows += [{**r, "way": r["way"].replace(some, "P/8 chains")} for r in more]
            links[ranks] = link or links.get(ranks)
        write(arguments, rows, links)
        print(f"{ranks} ranks done, {done + 1} of {len(numbers)} sizes, {time.time() - start:.0f} s", file=sys.stderr)
    print(f"{arguments.stem}.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
