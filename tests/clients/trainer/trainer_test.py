# SPDX-License-Identifier: Apache-2.0
"""bsp-train as a user runs it: trainer_test.py --program FILE --mpiexec "LAUNCHER ..." [--data FOLDER] CASE ..."""
import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time

OPTIONS = None
ENVIRONMENT = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
SMALL = ["--net", "mlp:20", "--images", "256", "--batch", "16"]


def command(arguments, ranks):
    launcher = [*shlex.split(OPTIONS.mpiexec), "-np", str(ranks)] if ranks > 1 else []
    return [*launcher, OPTIONS.program, *arguments]


def run(arguments, ranks=1, wanted=0):
    done = subprocess.run(command(arguments, ranks), capture_output=True, text=True, env=ENVIRONMENT, check=False,
                          timeout=240)
    assert (done.returncode == 0) == (wanted == 0), (arguments, done.returncode, done.stdout, done.stderr)
    return done


def log_of(file):
    """What is the same in each run: no times."""
    with open(file, encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    for entry in entries:
        entry.pop("seconds", None)
    return entries


def refused(arguments, text, ranks=1):
    error = run(arguments, ranks, wanted=1).stderr
    ours = [line for line in error.splitlines() if line.startswith("bsp-train: ")]
    assert len(ours) == 1 and text in ours[0], (arguments, error)


def losses(arguments, ranks, folder):
    file = os.path.join(folder, "log")
    if os.path.exists(file):
        os.remove(file)
    run([*arguments, "--log", file], ranks)
    return [entry["loss"] for entry in log_of(file) if "loss" in entry]


def case_learns(folder):
    """The generated images: lenet learns them, a linear model does not."""
    accuracy = {}
    for net in ("lenet", "mlp:"):
        file = os.path.join(folder, "log")
        run(["--net", net, "--images", "512", "--epochs", "3", "--batch", "32", "--log", file])
        accuracy[net] = log_of(file)[-1]["held_out_accuracy"]
        os.remove(file)
    assert accuracy["lenet"] > 0.9 and accuracy["mlp:"] < 0.4, accuracy


def case_resume(folder):
    """Killed at any moment and resumed: the same log as without, and a checkpoint of the same bytes."""
    for extra in (["--optimizer", "sgd", "--nesterov", "--schedule", "cosine"], ["--optimizer", "isgd", "--rate", "0.2"]):
        arguments = [*SMALL, *extra, "--epochs", "12", "--checkpoint-steps", "7"]
        whole, cut = ([*arguments, "--checkpoint", f"{folder}/{name}", "--log", f"{folder}/{name}.log"]
                      for name in ("whole", "cut"))
        run(whole)
        for _ in range(3):  # until it has moved on by a checkpoint, then gone
            before = os.stat(f"{folder}/cut").st_mtime_ns if os.path.exists(f"{folder}/cut") else 0
            process = subprocess.Popen([OPTIONS.program, *cut, "--resume"], env=ENVIRONMENT,
                                       stdout=subprocess.DEVNULL)
            while process.poll() is None:
                if os.path.exists(f"{folder}/cut") and os.stat(f"{folder}/cut").st_mtime_ns != before:
                    process.kill()
                    break
                time.sleep(0.001)
            process.wait()
        run([*cut, "--resume"])
        assert log_of(f"{folder}/whole.log") == log_of(f"{folder}/cut.log"), extra
        for name in ("whole", "cut", "whole.log", "cut.log"):
            os.remove(f"{folder}/{name}")


def case_ranks(folder):
    """P ranks with a share of the batch each are one rank with all of it, and agree on every bit."""
    lenet = ["--net", "lenet", "--images", "64", "--batch", "16", "--epochs", "2", "--rate", "0.002"]
    cases = [lenet, [*lenet, "--exchange", "reduce"], [*lenet, "--no-overlap"], [*SMALL, "--optimizer", "isgd", "--rate", "0.2", "--epochs", "3"]]
    for arguments in cases:
        alone = losses(arguments, 1, folder)
        for ranks in (2, 4):
            together = losses([*arguments, "--check-ranks"], ranks, folder)
            assert len(alone) == len(together)
            for step, (one, other) in enumerate(zip(alone, together)):
                assert abs(one - other) <= 2e-4 * max(1, abs(one)), (arguments, ranks, step, one, other)


def case_norms(folder):
    """Batch norm's statistics are each rank's own, yet every rank ends a step with the same bits."""
    net = ["--net", "resnet:1,1,1,1", "--images", "16", "--batch", "8", "--epochs", "1", "--check-ranks", "--data",
           arrays(folder)]
    assert len(losses(net, 2, folder)) >= 2


def case_synchronised_norms(folder):
    """With --sync-batch-norm ranks with a share of the batch are one rank with all of it, also where there are batch norms."""
    # So small a rate, since at larger ones the last bits of a sum are another curve after three steps, on one rank as well.
    net = ["--net", "resnet18", "--batch", "8", "--epochs", "3", "--rate", "0.0001", "--data", arrays(folder)]
    alone = losses(net, 1, folder)
    apart = losses(net, 2, folder)
    assert abs(alone[0] - apart[0]) > 1e-2, (alone, apart)  # without it they are not
    for ranks, more in ((2, []), (2, ["--exchange", "reduce"]), (2, ["--no-overlap"]), (4, [])):
        together = losses([*net, "--sync-batch-norm", "--check-ranks", *more], ranks, folder)
        assert len(alone) == len(together)
        for step, (one, other) in enumerate(zip(alone, together)):
            assert abs(one - other) <= 2e-4 * max(1, abs(one)), (ranks, more, step, one, other)


def arrays(folder):
    """32 x 32 images in .npy files, without numpy."""
    def header(kind, shape):
        text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
        return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()
    with open(f"{folder}/images.npy", "wb") as file:
        file.write(header("|u1", (20, 3, 32, 32)) + bytes((i * 37 + i // 96) % 256 for i in range(20 * 3072)))
    with open(f"{folder}/labels.npy", "wb") as file:
        file.write(header("|u1", (20,)) + bytes(i % 3 for i in range(20)))
    return folder


def case_refusals(folder):
    """One clear message, status not 0, and the last checkpoint as it was."""
    checkpoint = f"{folder}/checkpoint"
    run([*SMALL, "--epochs", "1", "--checkpoint", checkpoint])
    with open(checkpoint, "rb") as file:
        before = file.read()
    refused(["--net", "lenot"], "lenot")
    refused([*SMALL, "--data", f"{folder}/none"], "no such folder")
    refused([*SMALL, "--schedule", "steep"], "steep")
    refused([*SMALL, "--epochs", "many"], "many")
    refused([*SMALL, "--batch", "1000"], "fewer than one batch")
    refused([*SMALL, "--rate", "1e30", "--checkpoint", checkpoint], "the loss of batch")
    refused([*SMALL, "--rate", "1e30", "--exchange", "reduce"], "the loss of batch", ranks=2)
    refused([*SMALL, "--batch", "15"], "shared by 2 ranks", ranks=2)
    refused([*SMALL, "--seed", "2", "--resume", "--checkpoint", checkpoint], "other arguments")
    refused([*SMALL, "--resume"], "--checkpoint")
    with open(f"{folder}/train-images-idx3-ubyte", "wb") as file:
        file.write(b"\0\0\x08\x03" + b"\0\0\0\x09" * 3 + b"short")
    with open(f"{folder}/train-labels-idx1-ubyte", "wb") as file:
        file.write(b"\0\0\x08\x01" + b"\0\0\0\x09" + b"\1" * 9)
    refused([*SMALL, "--data", folder], "5 bytes of data", ranks=2)
    with open(checkpoint, "rb") as file:
        assert file.read() == before
    with open(checkpoint, "wb") as file:
        file.write(before[:-3])
    refused([*SMALL, "--resume", "--checkpoint", checkpoint], "cut off")


def case_arguments(_folder):
    """Ranks that are started differently say so before they train."""
    launcher = shlex.split(OPTIONS.mpiexec)
    both = [*launcher, "-np", "1", OPTIONS.program, *SMALL, ":", "-np", "1", OPTIONS.program, *SMALL, "--rate", "0.5"]
    done = subprocess.run(both, capture_output=True, text=True, env=ENVIRONMENT, check=False, timeout=120)
    assert done.returncode != 0 and "rank 1 was started with --rate 0.5, rank 0 with --rate 0.01" in done.stderr, done


def case_gemm(folder):
    """--conv gemm: every product of the network goes through libblasx, as its statistics tell."""
    file = os.path.join(folder, "stats")
    arguments = ["--net", "lenet", "--images", "64", "--batch", "16", "--epochs", "1", "--conv", "gemm"]
    environment = dict(ENVIRONMENT, BLASX_STATS="1")
    done = subprocess.run([OPTIONS.program, *arguments], capture_output=True, text=True, env=environment, check=True)
    # 4 batches of 2 convolutions: an image forward 1 product, backward 2, the first layer's 1 (its input is data); fc: 1 and 2.
    # Evaluation: one batch of 16 held-out images, forward only.
    products = 4 * (16 * (2 + 3) + 2 * 3) + (16 * 2 + 2)
    line = [words for words in map(str.split, done.stderr.splitlines()) if words and words[0] == "sgemm"]
    assert line and str(products) in line[0], (products, done.stderr, file)


def case_mnist(folder):
    """LeNet passes 97 % on the held-out 2,000 within 5 epochs."""
    if not OPTIONS.data or not os.path.isdir(OPTIONS.data):
        print(f"skipped: no folder {OPTIONS.data or 'in BLASX_DATA_DIR'}")
        sys.exit(77)
    file = os.path.join(folder, "log")
    run(["--data", OPTIONS.data, "--epochs", "5", "--log", file])
    best = max(entry["held_out_accuracy"] for entry in log_of(file) if "held_out_accuracy" in entry)
    print(f"MNIST, LeNet, 5 epochs: {100 * best:.2f} % of the held-out images")
    assert best > 0.97


def main():
    global OPTIONS  # one run, one set of options
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--mpiexec", required=True)
    parser.add_argument("--data", default="")
    parser.add_argument("cases", nargs="+")
    OPTIONS = parser.parse_args()
    for case in OPTIONS.cases:
        with tempfile.TemporaryDirectory() as folder:
            globals()[f"case_{case}"](folder)
        print(f"{case}: passed")


if __name__ == "__main__":
    main()
