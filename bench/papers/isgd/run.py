#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ISGD (Wang et al., arXiv 1603.05544; patented: US 10,572,800) beside SGD: bench/papers/isgd/run.py [--build DIR] [--data DIR] [--quick]
[--keep DIR] [--seeds N]

Writes bench/results/<date>-<machine>-isgd.md and a picture of the curves. With --data also on those images (a folder as MNIST's). One thread,
and seconds of its processor: other programs lengthen the run, which is half an hour, not what it finds. With --keep a run that was cut
off goes on where it was, and one with more seeds adds them.
"""
import argparse
import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import results  # noqa: E402


def plot(curves, path, title):
    try:
        import matplotlib
    except ImportError:
        print("no picture: python3-matplotlib is missing", file=sys.stderr)
        return False
    matplotlib.use("svg")
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 2, figsize=(11, 4.2))
    for axis, along, label in zip(axes, ("gradients", "seconds"), ("gradient evaluations", "seconds of training")):
        for method, colour in (("sgd", "#0072b2"), ("isgd", "#cc3311")):
            seeds = sorted({row["seed"] for row in curves if row["method"] == method})
            for seed in seeds:
                rows = [row for row in curves if row["method"] == method and row["seed"] == seed]
                axis.plot([row[along] for row in rows], [row["loss"] for row in rows], color=colour, alpha=0.55, linewidth=1.2,
                          label=method.upper() if seed == seeds[0] else None)
        axis.set_xlabel(label)
        axis.set_ylabel("held-out loss")
        axis.set_yscale("log")
        axis.grid(alpha=0.3)
        axis.legend()
    figure.suptitle(title)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip() for line in file]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(results.ROOT, "build", "release"))
    parser.add_argument("--data", help="a folder of images, as MNIST's")
    parser.add_argument("--keep", help="a folder for the curves, to go on from")
    parser.add_argument("--seeds", type=int, help="runs of each method: 5, or 2 when quick")
    parser.add_argument("--quick", action="store_true", help="few gradients: only to see that it works")
    options = parser.parse_args()
    program = os.path.join(options.build, "bin", "isgd-study")
    stem = results.stem("isgd")
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLASX_HOST_THREADS"):
        os.environ[variable] = "1"
    studies = [("generated", ["--net", "cifar-quick", "--images", "1000", "--batch", "20", "--rate", "0.002"], 1200)]
    if options.data:
        lenet = ["--net", "lenet", "--data", options.data]
        studies += [("data", [*lenet, "--batch", "100", "--rate", "0.005"], 1200),
                    ("small-batches", [*lenet, "--batch", "10", "--rate", "0.001"], 6000)]
    text = (f"# ISGD beside SGD\n\n`bench/papers/isgd/run.py`, commit {results.commit()}. The method is patented: US 10,572,800.\n\n"
            "The paper: 21.05 per cent less time to 56 % top-1 for AlexNet on ImageNet. Found here where the seconds saved to the highest "
            "accuracy that all runs reach are that much in the median of the seeds. Of the generated images each batch is like the others and "
            "is learned before the chart is full, so that none stands out there.\n")
    rows, pages = [], ""
    seeds = options.seeds or (2 if options.quick else 5)
    for name, arguments, gradients in studies:
        arguments += ["--clock", "processor", "--gradients", "60" if options.quick else str(gradients), "--seeds", str(seeds)]
        with tempfile.TemporaryDirectory() as folder:
            curves = os.path.join(options.keep or folder, f"isgd-{name}.jsonl")
            out = results.run(program, *arguments, "--curves", curves, "--resume")
            with open(curves, encoding="utf-8") as file:
                moments = [row for row in map(json.loads, file) if "method" in row]
        saved = re.findall(r"saved by ISGD, per cent +(.*)", out)[-1]  # of gradients, then of seconds
        rows.append([name, "21.05", saved, "found" if float(saved.split()[0]) >= 21.05 else "not found"])
        shown = " ".join(arguments).replace(options.data or "\0", "DIR")
        pages += f"\n## {name}\n\n```\nisgd-study {shown}\n\n{out}```\n"
        if plot(moments, f"{stem}-{name}.svg", f"SGD and ISGD, {name}"):
            pages += f"\n![curves]({os.path.basename(stem)}-{name}.svg)\n"
    text += "\n" + results.table(["", "paper, % less time", "ours: median (quartiles)", ""], rows) + pages
    results.publish(stem, text)


if __name__ == "__main__":
    main()
