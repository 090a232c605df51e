# SPDX-License-Identifier: Apache-2.0
"""The training programs with --device cuda, on the stand-in: gpu_programs_test.py BIN MPIEXEC STAND_IN."""
import json
import os
import shlex
import subprocess
import sys
import tempfile
import unittest

BIN, MPIEXEC, STAND_IN = sys.argv[1:4]
ENVIRONMENT = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", LD_LIBRARY_PATH=STAND_IN)
LENET = ["--net", "lenet", "--images", "64", "--batch", "16", "--epochs", "2", "--rate", "0.002"]
MLP = ["--net", "mlp:20", "--images", "256", "--batch", "16"]


def run(program, *arguments, ranks=1, machine="devices=2 memory=512M"):
    launcher = [*shlex.split(MPIEXEC), "-np", str(ranks)] if ranks > 1 else []
    return subprocess.run([*launcher, os.path.join(BIN, program), *arguments], capture_output=True, text=True, check=False, timeout=240,
                          env=dict(ENVIRONMENT, FAKE_CUDA=machine))


class Programs(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def losses(self, *arguments, **how):
        file = self.path("log")
        if os.path.exists(file):
            os.remove(file)
        done = run("bsp-train", *arguments, "--log", file, **how)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(file, encoding="utf-8") as lines:
            return [entry["loss"] for entry in map(json.loads, lines) if "loss" in entry]

    def near(self, one, other, tolerance=2e-4):
        self.assertEqual(len(one), len(other))
        for step, (a, b) in enumerate(zip(one, other)):
            self.assertLessEqual(abs(a - b), tolerance * max(1, abs(a)), step)

    def refused(self, program, *arguments, says, **how):
        done = run(program, *arguments, **how)
        self.assertNotEqual(done.returncode, 0)
        ours = [line for line in done.stderr.splitlines() if line.startswith(f"{program}: ")]
        self.assertEqual(len(ours), 1, done.stderr)
        self.assertIn(says, ours[0])

    def test_trains_as_on_the_processor(self):
        for arguments in (LENET, [*MLP, "--epochs", "2", "--nesterov", "--schedule", "cosine"],
                          ["--net", "lstm:6", "--images", "64", "--batch", "16", "--epochs", "2"]):
            self.near(self.losses(*arguments), self.losses(*arguments, "--device", "cuda"))

    def test_ranks_exchange_what_is_on_their_gpus(self):
        alone = self.losses(*LENET)
        large = ["--net", "mlp:1500", "--images", "48", "--batch", "16", "--epochs", "1"]  # what liblpcoll carries out itself, perhaps
        self.near(self.losses(*large), self.losses(*large, "--device", "cuda", "--check-ranks", ranks=2))
        for more in ([], ["--exchange", "reduce"], ["--no-overlap"]):
            self.near(alone, self.losses(*LENET, "--device", "cuda", "--check-ranks", *more, ranks=2))
        self.near(alone, self.losses(*LENET, "--device", "cuda", "--check-ranks", ranks=2, machine="devices=1 memory=512M"))
        isgd = [*MLP, "--optimizer", "isgd", "--rate", "0.03", "--epochs", "4"]  # works more on some batches
        self.near(self.losses(*isgd), self.losses(*isgd, "--device", "cuda:1", "--check-ranks", ranks=2))

    def test_resumes_to_the_bit(self):
        arguments = [*MLP, "--epochs", "4", "--device", "cuda", "--checkpoint"]
        whole = self.losses(*arguments, self.path("whole"))
        cut = [*arguments, self.path("cut"), "--checkpoint-steps", "8", "--log", self.path("cut.log")]
        for more in (["--steps", "19"], ["--resume"]):
            done = run("bsp-train", *cut, *more)
            self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.path("cut.log"), encoding="utf-8") as lines:
            entries = [entry for entry in map(json.loads, lines) if "loss" in entry]
        self.assertEqual([entry["loss"] for entry in entries], whole)

    def test_refusals(self):
        self.refused("bsp-train", *MLP, "--device", "gpu", says="accepted are cpu, cuda and cuda:N")
        self.refused("bsp-train", *MLP, "--device", "cuda:x", says="accepted are cpu, cuda and cuda:N")
        self.refused("bsp-train", *MLP, "--device", "cuda:7", says="GPUs here are numbered 0 to 1")
        self.refused("bsp-train", *MLP, "--device", "cuda", says="there is no GPU", machine="devices=0")
        self.refused("bsp-train", *LENET, "--device", "cuda", says="bytes of memory", machine="memory=100K")
        self.refused("bsp-train", *LENET, "--device", "cuda", says="layer conv1: cudnnConvolutionForward",
                     machine="fail=cudnnConvolutionForward:1:refuse")
        self.refused("bsp-train", *MLP, "--device", "cuda", "--sync-batch-norm", says="--device cpu", ranks=2)
        self.refused("memsched", "train", "--net", "lenet", "--device", "cuda:9", says="GPUs here are numbered")
        self.refused("isgd-study", "--net", "lenet", "--device", "cuda:9", says="GPUs here are numbered")

    def test_memsched_trains_under_a_plan(self):
        done = run("memsched", "train", "--net", "lenet", "--batch", "2", "--copies", "0", "--memory", "240K", "--steps", "2", "--device", "cuda", "--compare")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("the same bits", done.stdout)

    def test_isgd_study_compares(self):
        done = run("isgd-study", "--net", "mlp:8", "--images", "300", "--batch", "10", "--gradients", "12", "--seeds", "1", "--device", "cuda")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("best batch is", done.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
