# SPDX-License-Identifier: Apache-2.0
"""Collectives as mpi4py programs use them; rank 0 saves what came out: mpi4py_job.py FILE"""
import hashlib
import pickle
import sys

import numpy
from mpi4py import MPI

comm = MPI.COMM_WORLD
rank, size = comm.Get_rank(), comm.Get_size()
random = numpy.random.default_rng(7 + rank)
exact, sums = [], []

for count in (1, 1000, 70001, 1 << 19):
    for kind in (numpy.int32, numpy.int64, numpy.float32, numpy.float64, numpy.complex128):
        own = (random.integers(-1000, 1000, count)).astype(kind)
        root = count % size
        buffer = own.copy()
        comm.Bcast(buffer, root=root)
        exact.append(buffer)
        out = numpy.empty_like(own)
        comm.Allreduce(own, out, op=MPI.SUM)  # whole numbers: exact in every type
        exact.append(out.copy())
        comm.Allreduce(MPI.IN_PLACE, own, op=MPI.SUM)
        exact.append(own)
        if kind is not numpy.complex128:
            comm.Reduce(out, own if rank == root else None, op=MPI.MAX, root=root)
            exact.append(own)
    fractions = random.standard_normal(count)
    out = numpy.empty_like(fractions)
    comm.Allreduce(fractions, out, op=MPI.SUM)
    sums.append(out)

columns = random.integers(0, 9, (1200, 700)).astype(numpy.float64)
pattern = MPI.DOUBLE.Create_vector(1200, 300, 700).Commit()
comm.Bcast([columns, 1, pattern], root=size - 1)
pattern.Free()
exact.append(columns)
exact.append(numpy.frombuffer(pickle.dumps(comm.bcast({"from": 1, "list": list(range(50000))} if rank == 1 else None, root=1)),
                              dtype=numpy.uint8))
exact.append(numpy.array([comm.allreduce(rank + 1)]))

digest = hashlib.sha256(b"".join(a.tobytes() for a in exact)).digest()
digests = comm.gather(digest)
bits = comm.gather(hashlib.sha256(b"".join(a.tobytes() for a in sums)).digest())
if rank == 0:
    assert len(set(bits)) == 1, "the ranks have different sums"
    numpy.savez(sys.argv[1], digests=numpy.frombuffer(b"".join(digests), dtype=numpy.uint8), sums=numpy.concatenate(sums))
