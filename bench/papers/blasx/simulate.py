# SPDX-License-Identifier: Apache-2.0
"""Runs blasx-sim and reads what it says."""
import json
import subprocess
import sys


class Simulator:
    """One program and where its machine files are."""

    def __init__(self, program, machines):
        self.program, self.machines = program, machines

    def rows(self, machine, routines, sizes, *options):
        """One dict for each run, as blasx-sim --json has it."""
        command = [self.program, "--machine", f"{self.machines}/{machine}.json", "--json", "--routine", ",".join(routines),
                   "-n", ",".join(str(n) for n in sizes), *options]
        print(" ", " ".join(command), file=sys.stderr)
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            sys.exit(run.stderr.strip())
        return [json.loads(line) for line in run.stdout.splitlines()]


def family(row):
    return row["routine"][1:]


def host_bytes(row):
    return row["host_to_device_bytes"] + row["device_to_host_bytes"]
