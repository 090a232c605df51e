# SPDX-License-Identifier: Apache-2.0
"""Reads the tables that BLASX_STATS=file leaves behind: one for each process that made level-3 calls."""
import re
from dataclasses import dataclass, field


@dataclass
class Count:
    calls: int = 0
    places: dict = field(default_factory=dict)  # "on host", "cpu tiles", "devices" -> calls
    seconds: float = 0.0


PLACES = ("on host", "cpu tiles", "devices")


def parse(text):
    """Routine -> Count, summed over all tables in the text, the total lines left out."""
    counts = {}
    columns = None
    for line in text.splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        if cells[0] == "routine" and len(cells) > 1:
            columns = cells
        elif cells[0] == "total":
            columns = None
        elif columns and len(cells) == len(columns):
            row = dict(zip(columns, cells))
            count = counts.setdefault(row["routine"], Count())
            count.calls += int(row["calls"])
            count.seconds += float(row["seconds"])
            for place in PLACES:
                count.places[place] = count.places.get(place, 0) + int(row.get(place, 0))
        elif columns:
            raise ValueError(f"not a line of a statistics table: {line!r}")
    return counts


def places_text(counts):
    """Where all calls ran, "12 on host, 3 cpu tiles"."""
    parts = []
    for place in PLACES:
        number = sum(count.places.get(place, 0) for count in counts.values())
        if number:
            parts.append(f"{number} {place}")
    return ", ".join(parts) or "no level-3 call"


def only_on_host(counts):
    """Whether every call went to the BLAS underneath, and there was one."""
    return bool(counts) and all(place == PLACES[0] or not number for count in counts.values()
                                for place, number in count.places.items())


def calls_text(counts):
    return " ".join(f"{name}:{count.calls}" for name, count in sorted(counts.items())) or "none"
