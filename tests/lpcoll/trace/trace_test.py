#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a program under LPCOLL_TRACE and holds the file to what a timeline must be: trace_test.py RANKS NAME,... COMMAND..."""
import collections
import json
import os
import subprocess
import sys
import tempfile

ranks, names, command = int(sys.argv[1]), set(sys.argv[2].split(",")), sys.argv[3:]
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "timeline.json")
    with open(path, "w", encoding="utf-8") as stale:
        stale.write("[\n{\"name\":\"of an earlier run\",\"ph\":\"X\",\"pid\":99}\n]\n")
    # The launchers of some MPIs hand the environment on only when told; `env` in the command does it for all.
    at = command.index("env") + 1
    subprocess.run(command[:at] + ["LPCOLL_TRACE=" + path] + command[at:], check=True)
    with open(path, encoding="utf-8") as file:
        events = json.load(file)

assert {e["pid"] for e in events} == set(range(ranks)), "other ranks than those that ran"
missing = names - {e["name"] for e in events}
assert not missing, f"no event {missing}"

lanes = collections.defaultdict(list)
open_ones = collections.Counter()
for e in events:
    if e["ph"] == "X":
        assert e["dur"] >= 0 and e["args"]["bytes"] > 0, e
        lanes[e["pid"], e["tid"]].append((e["ts"], e["ts"] + e["dur"], e["name"]))
    elif e["ph"] in "be":
        open_ones[e["id"]] += 1 if e["ph"] == "b" else -1
assert not any(open_ones.values()), "begun without an end"
for lane, spans in lanes.items():
    spans.sort()
    for before, after in zip(spans, spans[1:]):
        # Times are in microseconds with three digits, as doubles near 2e15: a quarter of one is lost.
        assert before[1] <= after[0] + 0.5, f"{lane}: {before} overlaps {after}"
print(len(events), "events")
