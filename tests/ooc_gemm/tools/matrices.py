# SPDX-License-Identifier: Apache-2.0
"""Matrices in .npy files, by nothing but the standard library."""
import array
import ast
import random


def write(path, rows, cols, values, letter="d", descr="<f8", fortran=False):
    header = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': ({rows}, {cols}), }}"
    header = header.ljust(117) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
        array.array(letter, values).tofile(file)


def make(path, rows, cols, seed):
    """Small integers, so that products of them are exact."""
    numbers = random.Random(seed)
    values = [numbers.randrange(-8, 9) for _ in range(rows * cols)]
    write(path, rows, cols, values)
    return values


def read(path):
    """(rows, cols, values) of a file of doubles in C order."""
    with open(path, "rb") as file:
        data = file.read()
    length = int.from_bytes(data[8:10], "little")
    header = ast.literal_eval(data[10:10 + length].decode())
    values = array.array("d", data[10 + length:])
    return (*header["shape"], values)
