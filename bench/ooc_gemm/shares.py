#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How devices of different speeds share a product of files: shares.py OOC_GEMM FOLDER [--size N] [--rates R,R,R] [--memory M].

Runs ooc-gemm on host devices whose kernels are slowed to the rates, and reads the timeline that libblasx writes: what each device did, in
units of the slowest one's rate, and the whole time beside the least possible.
"""
import argparse
import array
import collections
import json
import os
import random
import subprocess


def write(path, size):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({size}, {size}), }}".ljust(117) + "\n"
    row = [random.uniform(-1, 1) for _ in range(size)]
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
        for i in range(size):
            array.array("d", row[i:] + row[:i]).tofile(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--size", type=int, default=3072)
    parser.add_argument("--rates", default="1e9,2e9,4e9")
    parser.add_argument("--memory", default="120M")
    parser.add_argument("--tile", default="auto")
    options = parser.parse_args()
    rates = [float(rate) for rate in options.rates.split(",")]
    names = [os.path.join(options.folder, f"shares-{os.getpid()}-{letter}") for letter in "abct"]
    a, b, c, timeline = names
    for path in (a, b):
        write(path + ".npy", options.size)
    environment = {**os.environ, "BLASX_DEVICES": f"host:{len(rates)}", "BLASX_HOST_RATES": options.rates, "BLASX_THRESHOLD": "0",
                   "BLASX_TILE": options.tile, "BLASX_CACHE_DIR": "off", "BLASX_TRACE": timeline}
    try:
        subprocess.run([options.program, a + ".npy", b + ".npy", "-o", c + ".npy", "--memory", options.memory, "-q"], check=True,
                       env=environment)
        with open(timeline, encoding="utf-8") as file:
            events = json.load(file)["traceEvents"]
    finally:
        for path in (a + ".npy", b + ".npy", c + ".npy", timeline):
            if os.path.exists(path):
                os.remove(path)
    device = {event["pid"]: event["args"]["name"] for event in events if event["name"] == "process_name"}
    busy = collections.Counter()
    calls = 0
    for event in events:
        if event["name"] == "compute":
            busy[device[event["pid"]]] += event["dur"] / 1e6
        elif event["name"] == "dgemm":
            calls += event["dur"] / 1e6
    operations = 2 * options.size**3
    ideal = operations / sum(rates)
    done = [busy[f"host:{i}"] * rate for i, rate in enumerate(rates)]
    print(f"n = {options.size}, --memory {options.memory}, tile {options.tile}")
    print("device  rate GFLOP/s  share  fair share  ratio")
    for i, rate in enumerate(rates):
        share, fair = done[i] / sum(done), rate / sum(rates)
        print(f"host:{i}  {rate / 1e9:12.2f}  {share:5.3f}  {fair:10.3f}  {share / fair:5.3f}")
    print(f"calls took {calls:.2f} s, the least possible is {ideal:.2f} s: {calls / ideal:.3f} of it")


if __name__ == "__main__":
    main()
