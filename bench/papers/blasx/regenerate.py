#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tables and plots that stand beside the BLASX paper's, from the simulator.

    bench/papers/blasx/regenerate.py [--build build/release] [--out bench/results/blasx-paper]

Takes a minute or two. Everything is simulated (blasx-sim, machine files in bench/machines): the same tree gives the same
files to the last digit. Exit status 1 if a target is missed.
"""
import argparse
import os
import statistics
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
from figures import BEST_BLASX, BEST_XT, FAMILIES, MEAN_GAIN, SPEED_UP, SPEED_UP_XT  # noqa: E402
from simulate import Simulator, family, host_bytes  # noqa: E402
from tables import gib, markdown, write_csv  # noqa: E402

SIZES = list(range(4096, 40961, 4096))
SHOWN = (4096, 8192, 16384, 24576, 40960)  # on the page; the CSV has all
XT_SIZES = [8192, 16384, 24576, 32768, 39936]
POLICIES = ("blasx", "no-peers", "static", "xt")
DOUBLE = ["d" + f for f in FAMILIES]
SINGLE = ["s" + f for f in FAMILIES]


class Report:
    """Sections of the page, and which targets were met."""

    def __init__(self, folder):
        self.folder, self.sections, self.targets = folder, [], []

    def section(self, title, text):
        self.sections.append(f"## {title}\n\n{text}")

    def target(self, what, wanted, got, met):
        self.targets.append((what, wanted, got, "yes" if met else "**no**"))

    def table(self, name, head, rows):
        write_csv(self.folder, name, head, rows)
        return markdown(head, rows)

    def write(self):
        page = ("# Beside the BLASX paper\n\n"
                "Simulated: `bench/papers/blasx/regenerate.py` writes this page, its tables (CSV) and its plots. `paper` is what the\n"
                "authors measured (Wang et al., ICS 2016, and the data beside it), `ours` is libblasx's scheduler under the virtual\n"
                "clock on a machine file whose figures name their sources. So `ours` says what the scheduling makes of such a machine;\n"
                "how fast its kernels are is an input.\n\n## Targets\n\n"
                + markdown(("target", "wanted", "got", "met"), self.targets) + "\n" + "\n".join(self.sections))
        with open(os.path.join(self.folder, "README.md"), "w", encoding="utf-8") as file:
            file.write(page)
        print(markdown(("target", "wanted", "got", "met"), self.targets), end="")


def by(rows, *keys):
    """{(value of each key): row}; "devices" counts them, "family" drops the precision."""
    def value(row, key):
        return family(row) if key == "family" else len(row["devices"]) if key == "devices" else row[key]

    return {tuple(value(row, key) for key in keys): row for row in rows}


def speed_ups(report, simulator, machine, title, routines, devices, plots):
    rows = simulator.rows(machine, routines, SIZES, "--devices", f"1..{devices}")
    at = by(rows, "family", "devices", "n")
    head = ("family", "n", *(f"GFLOP/s on {d}" for d in range(1, devices + 1)),
            *(f"speed-up of {d}" for d in range(2, devices + 1)), "in-core %", "ends %")
    cells = []
    for f in FAMILIES:
        for n in SIZES:
            last = at[f, devices, n]
            cells.append((f, n, *(f"{at[f, d, n]['gflops']:.0f}" for d in range(1, devices + 1)),
                          *(f"{at[f, d, n]['speed_up']:.2f}" for d in range(2, devices + 1)),
                          f"{100 * last['gflops'] / last['in_core_gflops']:.1f}", f"{100 * last['finish_spread']:.1f}"))
    name = f"speedup-{machine}-{routines[0][0]}"
    report.table(name, head, cells)
    text = markdown(head, [cell for cell in cells if cell[1] in SHOWN])
    lines = {f: {f"{d} GPU{'s' if d > 1 else ''}": [(n, at[f, d, n]["gflops"]) for n in SIZES]
                 for d in range(1, devices + 1)} for f in FAMILIES}
    ideal = {f: at[f, devices, SIZES[-1]]["in_core_gflops"] for f in FAMILIES}
    plots.rates(report.folder, name, title, FAMILIES, lines, ideal)
    report.section(title, f"![{title}]({name}.svg)\n\nDotted: what the kernels alone would reach. ends: how far apart the devices "
                   f"finish, of the whole time. All sizes: [{name}.csv]({name}.csv).\n\n{text}")
    return at


def against_paper(report, simulator, everest):
    """Everest's figures of the paper beside ours, cuBLAS-XT's at its best tile."""
    xt3 = by(simulator.rows("everest", DOUBLE, XT_SIZES, "--policy", "xt", "--tile", "best"), "family", "n")
    ours3 = by(simulator.rows("everest", DOUBLE, XT_SIZES), "family", "n")
    cells = []
    for f in FAMILIES:
        large = [n for n in SIZES if n >= 16384]
        gain = statistics.mean(ours3[f, n]["gflops"] / xt3[f, n]["gflops"] for n in XT_SIZES)
        cells.append((f, f"{SPEED_UP[f]:.2f}", f"{statistics.mean(everest[f, 3, n]['speed_up'] for n in large):.2f}",
                      f"{SPEED_UP_XT[f]:.2f}", f"{statistics.mean(xt3[f, n]['speed_up'] for n in XT_SIZES if n >= 16384):.2f}",
                      BEST_BLASX[f], f"{max(everest[f, 3, n]['gflops'] for n in SIZES):.0f}",
                      BEST_XT[f], f"{max(xt3[f, n]['gflops'] for n in XT_SIZES):.0f}", f"{MEAN_GAIN[f]:.2f}", f"{gain:.2f}"))
    head = ("family", "speed-up: paper", "ours", "XT: paper", "XT: ours", "best GFLOP/s: paper", "ours", "XT: paper", "XT: ours",
            "over XT: paper", "ours")
    report.section("Everest: paper | ours", report.table("everest-paper", head, cells) +
                   "\nSpeed-up of 3 GPUs over 1, mean over n >= 16384; best over n; mean gain over cuBLAS-XT for n >= 8192, cuBLAS-XT\n"
                   "at the tile that suits it best for every n. Our model of cuBLAS-XT is kinder to it than the paper's measurements: copies\n"
                   "are pinned and overlap, and a tile may be as large as 2048. What the paper saw it lose in symm, syr2k and syrk\n"
                   "comes from how that library splits those routines, which the model does not know.\n")
    return everest


def traffic(report, simulator, plots):
    rows = by(simulator.rows("everest", DOUBLE, [16384], "--compare"), "family", "policy")
    cells, parts = [], {f: {} for f in FAMILIES}
    for f in FAMILIES:
        for policy in POLICIES:
            row = rows[f, policy]
            moved = (row["host_to_device_bytes"], row["device_to_host_bytes"], row["device_to_device_bytes"])
            parts[f][policy] = [part / 2**30 for part in moved]
            cells.append((f, policy, row["tile"][0], *(gib(part) for part in moved), f"{row['gflops']:.0f}",
                          f"{host_bytes(rows[f, 'xt']) / host_bytes(row):.1f}"))
    head = ("family", "policy", "tile", "from host GiB", "to host GiB", "from peers GiB", "GFLOP/s", "host bytes of xt over this")
    title = "Bytes moved on Everest, n = 16384, each policy at its best tile"
    plots.stacks(report.folder, "bytes-everest", title, FAMILIES, POLICIES, parts, "GiB")
    report.section(title, f"![bytes](bytes-everest.svg)\n\n{report.table('bytes-everest', head, cells)}\n"
                   "The paper's claim: far less than cuBLAS-XT, and part of it from peer to peer.\n")
    least = min(host_bytes(rows[f, "xt"]) / host_bytes(rows[f, "blasx"]) for f in FAMILIES)
    peers = min(rows[f, "blasx"]["device_to_device_bytes"] for f in FAMILIES)
    report.target("Everest, bytes from and to the host: cuBLAS-XT over ours, all six", "far above 1, some from peers",
                  f"{least:.1f} or more, peers {gib(peers)} GiB or more", least > 1.5 and peers > 0)


def least_traffic(report, simulator):
    cells, worst = [], 0
    for machine, devices, sizes in (("everest", "1..3", [16384, 24576, 32768, 40960]), ("everest", "1", [65536]), ("makalu", "4", [16384, 24576, 32768, 40960]),
                                    ("a100-pcie-8", "8", [65536]), ("h100-8", "8", [65536, 131072]), ("h200-8", "8", [65536, 131072])):
        for row in simulator.rows(machine, ["dgemm"], sizes, "--devices", devices):
            ratio = host_bytes(row) / row["least_host_bytes"]
            grouped = host_bytes(row) / row["least_host_bytes_of_groups"]
            if machine != "a100-pcie-8":
                worst = max(worst, ratio)
            cells.append((row["machine"], row["n"], len(row["devices"]), row["tile"][0], gib(host_bytes(row)),
                          gib(row["least_host_bytes"]), f"{ratio:.2f}", f"{grouped:.2f}"))
    head = ("machine", "n", "devices", "tile", "host GiB", "least GiB", "over least", "over least of groups")
    report.section("Host traffic of dgemm beside the least", report.table("least-traffic", head, cells) +
                   "\nleast: every operand once, and no less than 2mnk/sqrt(S) + mn words with all devices' memory S together (Kwasniewski et\n"
                   "al., SC 2019). least of groups: the same for groups of devices that can copy from each other, each with its memory and\n"
                   "its share of the work, since what two groups need passes the host's links twice. On 8 A100 without NVLink, four pairs\n"
                   "must fetch 1.67 times the first bound.\n")
    report.target("host traffic of dgemm over the least, machines whose devices are one or two groups", "<= 1.5", f"{worst:.2f}",
                  worst <= 1.5)


def h200(report, simulator):
    at = by(simulator.rows("h200-8", ["dgemm"], [16384, 32768, 65536], "--devices", "1..8"), "devices", "n")
    cells = [(n, d, at[d, n]["tile"][0], f"{at[d, n]['gflops'] / 1000:.1f}", f"{at[d, n]['speed_up']:.2f}",
              f"{100 * at[d, n]['gflops'] / at[d, n]['in_core_gflops']:.1f}") for n in (16384, 32768, 65536) for d in range(1, 9)]
    report.section("8 x H200, dgemm", report.table("h200", ("n", "devices", "tile", "TFLOP/s", "speed-up", "in-core %"), cells))
    got = at[8, 65536]["speed_up"]
    report.target("8 x H200, dgemm n = 65536: speed-up", ">= 7.6 of 8", f"{got:.2f}", got >= 7.6)


def balance(report, makalu_s, makalu_d):
    sizes = [16384, 24576, 32768, 40960]
    cells = [(precision + f, *(f"{100 * at[f, 4, n]['finish_spread']:.1f}" for n in sizes))
             for precision, at in (("s", makalu_s), ("d", makalu_d)) for f in FAMILIES]
    report.section("Makalu: how far apart the cards finish, in % of the run",
                   report.table("balance-makalu", ("routine", *(f"n={n}" for n in sizes)), cells) +
                   "\nThe part of C that the slow cards have time for is cut finer, so that a task of theirs is little of the run; in trsm the\n"
                   "widths of the chains share it out. Who takes which of the last tasks is planned, so that none is left with a large one.\n")
    for precision, at in (("single", makalu_s), ("double", makalu_d)):
        for n in sizes:
            worst = max(at[f, 4, n]["finish_spread"] for f in FAMILIES)
            report.target(f"Makalu, {precision}, n = {n}: finishing times, all six", "within 3 %", f"{100 * worst:.1f} %", worst <= 0.03)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    parser.add_argument("--build", default=os.path.join(root, "build/release"), help="where bin/blasx-sim is")
    parser.add_argument("--out", default=os.path.join(root, "bench/results/blasx-paper"), help="folder of the results")
    arguments = parser.parse_args()
    program = os.path.join(arguments.build, "bin/blasx-sim")
    if not os.path.exists(program):
        sys.exit(f"{program} is not there: cmake --preset release && cmake --build --preset release --target blasx-sim")
    import plots  # late: --help needs no matplotlib

    os.makedirs(arguments.out, exist_ok=True)
    simulator = Simulator(program, os.path.join(root, "bench/machines"))
    report = Report(arguments.out)
    everest = speed_ups(report, simulator, "everest", "Everest, double precision, 1 to 3 GPUs", DOUBLE, 3, plots)
    for f in FAMILIES:
        got = everest[f, 3, 16384]["speed_up"]
        report.target(f"Everest, d{f} n = 16384: speed-up of 3 GPUs", ">= 2.85 of 3", f"{got:.2f}", got >= 2.85)
    h200(report, simulator)
    least_traffic(report, simulator)
    traffic(report, simulator, plots)
    against_paper(report, simulator, everest)
    makalu_s = speed_ups(report, simulator, "makalu", "Makalu, single precision, 1 to 4 GPUs", SINGLE, 4, plots)
    makalu_d = speed_ups(report, simulator, "makalu", "Makalu, double precision, 1 to 4 GPUs", DOUBLE, 4, plots)
    balance(report, makalu_s, makalu_d)
    report.write()
    print(f"results: {arguments.out}")
    return 0 if all(met == "yes" for *_, met in report.targets) else 1


if __name__ == "__main__":
    sys.exit(main())
