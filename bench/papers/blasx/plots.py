# SPDX-License-Identifier: Apache-2.0
"""The pictures. Every file is the same for the same figures."""
import os

try:
    import matplotlib
except ImportError as missing:
    raise SystemExit("no matplotlib: install python3-matplotlib, and run this with the system's python3") from missing

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "blasx", "font.size": 9, "axes.grid": True,
                            "grid.alpha": 0.3, "axes.spines.top": False, "axes.spines.right": False})
import matplotlib.pyplot as plt  # noqa: E402

COLOURS = ("#4c78a8", "#f58518", "#54a24b", "#b279a2")


def save(figure, folder, name):
    figure.tight_layout()
    figure.savefig(os.path.join(folder, name + ".svg"), metadata={"Date": None})
    plt.close(figure)


def panels(families, height=2.5):
    figure, axes = plt.subplots(2, 3, figsize=(10, 2 * height), sharex=True)
    return figure, dict(zip(families, axes.flat))


def rates(folder, name, title, families, lines, ideal):
    """lines: {family: {label: [(n, GFLOP/s)]}}; ideal: {family: GFLOP/s in core of all devices}."""
    figure, axes = panels(families)
    for family, axis in axes.items():
        for colour, (label, points) in zip(COLOURS * 2, lines[family].items()):
            dashed = "--" if "XT" in label else "-"
            axis.plot([n / 1024 for n, _ in points], [r / 1000 for _, r in points], dashed, marker=".", color=colour,
                      label=label)
        axis.axhline(ideal[family] / 1000, color="#888888", linewidth=0.8, linestyle=":")
        axis.set_title(family, fontsize=9)
        axis.set_ylim(bottom=0)
    for axis in list(axes.values())[3:]:
        axis.set_xlabel("n / 1024")
    for axis in (axes[families[0]], axes[families[3]]):
        axis.set_ylabel("TFLOP/s")
    axes[families[0]].legend(fontsize=7, loc="lower right")
    figure.suptitle(title, fontsize=10)
    save(figure, folder, name)


def stacks(folder, name, title, families, policies, parts, unit):
    """parts: {family: {policy: (from host, to host, from peers)}}."""
    figure, axis = plt.subplots(figsize=(10, 3.6))
    width = 0.8 / len(policies)
    for p, policy in enumerate(policies):
        at = [i + (p - (len(policies) - 1) / 2) * width for i in range(len(families))]
        bottom = [0.0] * len(families)
        for colour, label, part in zip(COLOURS[1:], ("from host", "to host", "from peers"), range(3)):
            heights = [parts[f][policy][part] for f in families]
            axis.bar(at, heights, width * 0.9, bottom=bottom, color=colour, label=label if p == 0 else None)
            bottom = [b + h for b, h in zip(bottom, heights)]
        for x, top in zip(at, bottom):
            axis.text(x, top, policy, rotation=90, ha="center", va="bottom", fontsize=7)
    axis.set_xticks(range(len(families)), families)
    axis.set_ylabel(unit)
    axis.set_ylim(0, 1.2 * max(sum(part) for of_family in parts.values() for part in of_family.values()))
    axis.grid(axis="x", visible=False)
    axis.legend(fontsize=8)
    axis.set_title(title, fontsize=10)
    save(figure, folder, name)
