# SPDX-License-Identifier: Apache-2.0
"""Devices of speeds 1 : 2 : 4 share the calls that a plan makes, under blasx-sim's virtual clock: no verdict hangs on this machine.

shares_test.py OOC_GEMM BLASX_SIM
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = SIMULATOR = None
RATES = [100, 200, 400]  # GFLOP/s
SIDE = 8192


def machine():
    source = "made up"
    kinds = {f"g{rate}": {"source": source, "memory_bytes": 8e9, "streams": 4, "rates": {"d": {"gemm": [[128, rate], [4096, rate]]}}}
             for rate in RATES}
    devices = [{"name": f"d{rate}", "kind": f"g{rate}"} for rate in RATES]
    links = [{"from": "home", "to": f"d{rate}", "bytes_per_s": 12e9, "latency_us": 5, "source": source} for rate in RATES]
    return {"name": "unequal", "description": "speeds 1 : 2 : 4", "kinds": kinds, "peers": "none", "devices": devices, "links": links}


class Shares(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="ooc-shares-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.machine = os.path.join(cls.folder, "machine.json")
        with open(cls.machine, "w", encoding="utf-8") as file:
            json.dump(machine(), file)
        # Only the header is read for a plan, and what has holes takes no room.
        cls.matrix = os.path.join(cls.folder, "a.npy")
        header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({SIDE}, {SIDE}), }}".ljust(117) + "\n"
        with open(cls.matrix, "wb") as file:
            file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
            file.truncate(128 + 8 * SIDE * SIDE)

    def plan(self, memory):
        """Blocks; rows, columns and depth of a product; products of a block."""
        done = subprocess.run([PROGRAM, self.matrix, self.matrix, "-o", "c.npy", "--memory", memory, "--plan"], cwd=self.folder,
                              capture_output=True, text=True, check=True)
        found = re.search(r"(\d+) blocks of C, (\d+) x (\d+); (\d+) panels each, (\d+) deep", done.stdout)
        blocks, rows, cols, products, depth = map(int, found.groups())
        return blocks, (rows, cols, depth), products

    def call(self, rows, cols, depth):
        """Seconds of a call, and operations of each device."""
        done = subprocess.run([SIMULATOR, "--machine", self.machine, "--routine", "dgemm", "-m", str(rows), "-n", str(cols), "-k",
                               str(depth), "--beta", "--json"], capture_output=True, text=True, check=True)
        call = json.loads(done.stdout)
        operations = [device["operations"] for device in call["devices"]]
        self.assertEqual(sum(operations), 2 * rows * cols * depth)
        return call["seconds"], operations

    def test_shares(self):
        for memory in ("192M", "512M"):
            blocks, (rows, cols, depth), products = self.plan(memory)
            self.assertGreaterEqual(products, 16)  # so the last two of each block are cut, and the first of all blocks but one
            cut = 3 * blocks - 1
            seconds, operations = self.call(rows, cols, depth)
            strip_seconds, strip_operations = self.call(rows // 8, cols, depth)
            whole = blocks * products - cut
            total = whole * seconds + cut * 8 * strip_seconds
            done = [whole * one + cut * 8 * of_strip for one, of_strip in zip(operations, strip_operations, strict=True)]
            shares = [part / sum(done) * sum(RATES) / rate for part, rate in zip(done, RATES, strict=True)]
            ideal = sum(done) / (sum(RATES) * 1e9)
            print(f"{memory}: {blocks} blocks of {rows} x {cols}, {products} products {depth} deep: "
                  f"shares {[round(share, 3) for share in shares]} of fair ones, {total / ideal:.3f} of the least time; "
                  f"a strip {strip_seconds * 8 / seconds:.3f} of its part")
            for share in shares:
                self.assertAlmostEqual(share, 1, delta=0.05)
            self.assertLessEqual(total, 1.1 * ideal)


if __name__ == "__main__":
    SIMULATOR = os.path.abspath(sys.argv.pop(2))
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
