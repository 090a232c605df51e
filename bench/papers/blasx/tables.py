# SPDX-License-Identifier: Apache-2.0
"""Tables as Markdown for people and CSV for programs."""
import csv
import os


def is_number(text):
    return text.replace(".", "", 1).isdigit()


def markdown(head, rows):
    """Numbers to the right, words to the left."""
    text = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in text) for i in range(len(head))]
    words = [any(not is_number(line[i]) for line in text[1:]) for i in range(len(head))]

    def line(cells):
        return "| " + " | ".join(c.ljust(w) if left else c.rjust(w) for c, w, left in zip(cells, widths, words)) + " |"

    rule = "| " + " | ".join("-" * w if left else "-" * (w - 1) + ":" for w, left in zip(widths, words)) + " |"
    return "\n".join([line(text[0]), rule, *(line(row) for row in text[1:])]) + "\n"


def write_csv(folder, name, head, rows):
    with open(os.path.join(folder, name + ".csv"), "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def gib(count):
    return f"{count / 2**30:.2f}"
