#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The figures of SuperNeurons (Wang et al., PPoPP 2018) beside ours: bench/papers/superneurons/run.py [--build DIR] [--no-training]

Writes bench/results/<date>-<machine>-superneurons.md and its pictures. All but the last part is planned, not measured, and the same on
every machine.
"""
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import results  # noqa: E402

MIB = 1 << 20


class Memsched:
    def __init__(self, program):
        self.program = program

    def plan(self, net, batch, *arguments):
        """The row asked for, and what the whole says."""
        text = results.run(self.program, "plan", "--net", net, "--batch", str(batch), "--json", *arguments)
        found = json.loads(text)
        return found["rows"][-1], found

    def depths(self, *arguments):
        text = results.run(self.program, "deepest", "--json", *arguments)
        return {row["rung"]: row["depth"] for row in map(json.loads, text.splitlines())}


def paper_rows(memsched):
    rows = []

    def row(what, paper, ours, command, at_least=False):
        found = ours >= paper if at_least else ours == paper
        rows.append([what, paper, ours, "found" if found else "not found", f"`memsched {command}`"])

    replays = {"alexnet": (200, 14, 23, 17), "resnet50": (32, 84, 118, 85), "resnet101": (32, 169, 237, 170)}
    for net, (batch, *papers) in replays.items():
        for way, paper in zip(("speed", "memory", "cost"), papers):
            arguments = ("--with", "offload,recompute", "--replay", way)
            ours, _ = memsched.plan(net, batch, *arguments)
            row(f"{net}: replays, {way}-centric" if way != "cost" else f"{net}: replays, cost-aware", paper,
                ours["replays"], f"plan --net {net} --batch {batch} {' '.join(arguments)}")
    arguments = ("--with", "offload,recompute", "--replay", "speed")
    ours, whole = memsched.plan("alexnet", 200, *arguments)
    row("AlexNet, batch 200: l_peak, MiB", 886.23, round(whole["l_peak_bytes"] / MIB, 2), "plan --net alexnet --batch 200")
    row("the same: speed-centric peak, MiB", 993.018, round(ours["peak_bytes"] / MIB, 3),
        f"plan --net alexnet --batch 200 {' '.join(arguments)}")
    ours, whole = memsched.plan("alexnet", 200, "--with", "offload,recompute")
    row("the same: cost-aware peak, MiB", 886.23, round(ours["peak_bytes"] / MIB, 2),
        "plan --net alexnet --batch 200 --with offload,recompute")
    deep = memsched.depths("--memory", "12G", "--batch", "16")
    command = "deepest --memory 12G --batch 16"
    row("deepest ResNet, batch 16, 12 GB", 1920, deep["all"], command, at_least=True)
    row("... over the same without any of it", 3.2432, round(deep["all"] / deep["nothing"], 4), command, at_least=True)
    row("... over liveness alone (about what frameworks do)", 3.2432, round(deep["all"] / deep["+ liveness"], 4), command,
        at_least=True)
    return rows


def policy_rows(memsched):
    """Budgets between l_peak and what liveness takes: what each policy pays."""
    rows = []
    for net, batch in (("alexnet", 200), ("vgg16", 64), ("resnet50", 32), ("resnet152", 32), ("inception-v4", 32)):
        _, whole = memsched.plan(net, batch)
        least, most = whole["l_peak_bytes"], whole["rows"][1]["arena_bytes"]
        for share in (0.05, 0.25, 0.5, 0.75):
            budget = int(least + share * (most - least))
            cells = [net, batch, f"{budget / MIB:.0f}", f"{budget / most:.2f}"]
            for policy in ("superneurons", "dtr"):
                done = results.subprocess.run(
                    [memsched.program, "plan", "--net", net, "--batch", str(batch), "--json", "--copies", "0", "--memory",
                     str(budget), "--policy", policy], capture_output=True, text=True, check=False)
                found = json.loads(done.stdout)
                row, chain = found["rows"][-1], found["chain_replay_share"]
                if "why" in row:
                    cells += ["does not fit"] + ([""] if policy == "superneurons" else [])
                    continue
                once = row["compute_ns"] - row["replay_ns"]
                cells.append(f"{100 * row['replay_ns'] / once:+.1f} %")
                if policy == "superneurons":
                    cells.append(f"{(row['bytes_in'] + row['bytes_out']) / (1 << 30):.2f}")
            rows.append(cells + ["does not fit" if chain is None else f"{100 * chain:+.1f} %"])
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(results.ROOT, "build", "release"))
    parser.add_argument("--no-training", action="store_true", help="only what is planned")
    options = parser.parse_args()
    memsched = Memsched(os.path.join(options.build, "bin", "memsched"))
    stem = results.stem("superneurons")
    text = f"# SuperNeurons, the paper's figures and ours\n\n`bench/papers/superneurons/run.py`, commit {results.commit()}.\n\n"
    text += results.table(["what", "paper", "ours", "", "command"], paper_rows(memsched))
    deepest = memsched.depths("--memory", "12G", "--batch", "16")["all"]
    _, whole = memsched.plan(f"resnet{deepest}", 16)
    text += (f"\n12 GB are 12 GiB here. Depth {deepest} is where the memory is full of parameters: weights, gradients and momentum take "
             f"{12 * whole['parameters'] / (1 << 30):.2f} GiB of it.\n")
    text += "\n## Other policies at the same budget\n\nReplays as a share of computing each step once, by the model's rates.\n\n"
    text += results.table(["net", "batch", "budget MiB", "of liveness", "SuperNeurons", "moves GiB", "DTR", "chain optimum"], policy_rows(memsched))
    for net, batch, memory in (("alexnet", 200, "1.9G"), ("resnet152", 32, "3G")):
        picture = f"{stem}-{net}.svg"
        results.run(memsched.program, "plan", "--net", net, "--batch", str(batch), "--memory", memory, "--svg", picture)
        text += f"\n![{net}, batch {batch}, {memory}]({os.path.basename(picture)})\n"
    if not options.no_training:
        text += "\n## Carried out on this machine\n"
        for net, image, batch, memory in (("resnet18", 64, 16, "13M"), ("resnet50", 64, 16, "60M"), ("cifar-quick", 32, 64, "11M")):
            arguments = ("train", "--net", net, "--image", str(image), "--batch", str(batch), "--classes", "10", "--copies", "0",
                         "--memory", memory, "--compare", "--steps", "12")
            text += f"\n```\nmemsched {' '.join(arguments)}\n\n{results.run(memsched.program, *arguments)}```\n"
    results.publish(stem, text)


if __name__ == "__main__":
    main()
