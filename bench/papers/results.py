# SPDX-License-Identifier: Apache-2.0
"""What the papers' scripts share: where programs and results are, and tables in Markdown."""
import datetime
import os
import re
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def stem(name):
    """bench/results/<date>-<processor>-<cores>c-<name>, as bench/run.sh has it."""
    model = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    model = re.sub("[^a-z0-9-]", "", model.lower().replace(" ", "-"))[:24]
    return os.path.join(ROOT, "bench", "results", f"{datetime.date.today()}-{model}-{os.cpu_count()}c-{name}")


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
