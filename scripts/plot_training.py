#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws what bsp-train --log wrote: losses and accuracies over batches or seconds.

  scripts/plot_training.py sgd.jsonl isgd.jsonl -o curves.svg [--seconds] [--smooth BATCHES]

One colour a log; held-out values are marked at the end of each epoch. Needs Debian's python3-matplotlib.
"""
import argparse
import json
import os
import sys


def fail(message):
    print(f"plot_training.py: {message}", file=sys.stderr)
    sys.exit(1)


def read(path):
    batches, epochs = [], []
    try:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                if "step" in entry:
                    batches.append(entry)
                else:  # where on the axes its epoch ended
                    epochs.append({**entry, **{key: batches[-1][key] for key in ("step", "seconds")}})
    except (OSError, ValueError, IndexError, KeyError) as error:
        fail(f"{path}: no log of bsp-train ({error})")
    if not batches:
        fail(f"{path}: no batch in it")
    return batches, epochs


def smooth(values, window):
    """The mean of the last `window` values."""
    result, total = [], 0.0
    for i, value in enumerate(values):
        total += value - (values[i - window] if i >= window else 0)
        result.append(total / min(i + 1, window))
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", nargs="+")
    parser.add_argument("-o", "--out", default="training.svg", help=".svg, .png or .pdf (default: %(default)s)")
    parser.add_argument("--seconds", action="store_true", help="seconds of computing instead of batches")
    parser.add_argument("--smooth", type=int, default=20, help="batches in a running mean (default: %(default)s)")
    options = parser.parse_args()
    if options.smooth < 1:
        fail("--smooth: 1 or more is accepted")
    logs = [(os.path.splitext(os.path.basename(path))[0], *read(path)) for path in options.logs]
    try:
        import matplotlib
    except ImportError:
        fail("matplotlib is missing: apt-get install python3-matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot
    axis = "seconds" if options.seconds else "step"
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.2), constrained_layout=True)
    for number, (name, batches, epochs) in enumerate(logs):
        colour = f"C{number}"
        along = [entry[axis] for entry in batches]
        ends = [entry[axis] for entry in epochs]
        for axes, key, scale in ((left, "loss", 1), (right, "accuracy", 100)):
            axes.plot(along, [scale * v for v in smooth([entry[key] for entry in batches], options.smooth)], color=colour,
                      linewidth=1, label=f"{name}, training")
            axes.plot(ends, [scale * entry[f"held_out_{key}"] for entry in epochs], "o-", color=colour, markersize=4,
                      linewidth=1.5, label=f"{name}, held out")
    for axes, label in ((left, "loss"), (right, "accuracy, %")):
        axes.set_xlabel("seconds of computing" if options.seconds else "batches")
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
    left.set_yscale("log")
    left.legend(fontsize=8)
    figure.savefig(options.out)
    print(options.out)


if __name__ == "__main__":
    main()
