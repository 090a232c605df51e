# SPDX-License-Identifier: Apache-2.0
"""What the papers' scripts share: where programs and results are, and tables in Markdown."""
import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def stem(name):
    """Where results of today go, without a suffix."""
    return f"{ROOT}/{run(os.path.join(ROOT, 'bench', 'result_stem.sh')).strip()}-{name}"


def commit():
    run = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return run.stdout.strip() or "unknown"


def run(program, *arguments):
    """The program's output; ends with its own message when it fails."""
    done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join([program, *arguments])}: status {done.returncode}")
    return done.stdout


def publish(stem_of_all, text):
    """Writes the page beside its pictures, prints it, and says where they are."""
    with open(stem_of_all + ".md", "w", encoding="utf-8") as file:
        file.write(text)
    print(text)
    print(f"results: {stem_of_all}*", file=sys.stderr)


def table(head, rows):
    rows = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines) + "\n"
