# SPDX-License-Identifier: Apache-2.0
"""scripts/gpu_check.sh from end to end on the stand-in: gpu_check_test.py SCRIPT BUILD. A kit is packed, moved and run; what must hold
is judged right; a machine that cannot be used ends with a clear word."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

SCRIPT, BUILD = sys.argv[1:3]
sys.path.insert(0, os.path.join(os.path.dirname(SCRIPT), "gpu_check"))
import report  # noqa: E402  # pylint: disable=wrong-import-position


def run(*arguments, **environment):
    return subprocess.run([SCRIPT, *arguments], env=dict(os.environ, **environment), capture_output=True, text=True, check=False)


def row(routine, n, ours, peer, bound):
    return {"routine": routine, "n": n, "operations": 1e9, "bound_s": bound, "samples": 3, "error": {"libblasx": 0.5},
            "seconds": {"libblasx": ours, "cuBLASXt": peer, "NVBLAS": peer}}


class Judging(unittest.TestCase):
    def holds(self, rows, **others):
        claims = report.judge({"level3": {"rows": rows}, **others}, False)
        return {c["claim"].split(",")[0]: c["holds"] for c in claims}

    def test_what_holds(self):
        rows = [row("dgemm", 16384, 1.0, 1.5, 0.9), row("dtrsm", 16384, 1.0, 1.2, 0.8), row("dgemm", 4096, 1.0, 1.3, 0.1)]
        one = {"rows": [row("dgemm", 16384, 1.05, 1, 1)]}
        holds = self.holds(rows, two=one, capped=one, numpy={"seconds": 1.2, "right": True})
        self.assertEqual(set(holds.values()), {True}, holds)

    def test_what_does_not(self):
        rows = [row("dgemm", 16384, 1.0, 9.0, 0.8), row("dtrsm", 16384, 1.0, 0.9, 0.7)]
        slow = {"rows": [row("dgemm", 16384, 1.3, 1, 1)]}
        holds = self.holds(rows, two=slow, capped=slow, numpy={"seconds": 1.3, "right": True})
        self.assertIs(holds.pop("every result is right"), True)
        self.assertEqual(set(holds.values()), {False}, holds)

    def test_a_wrong_result_and_what_was_not_measured(self):
        wrong = row("dgemm", 4096, 1.0, 2.0, 0.1)
        wrong["error"]["libblasx"] = float("nan")
        holds = self.holds([wrong])
        self.assertIs(holds["every result is right"], False)
        self.assertIs(holds["of the bound"], None)
        self.assertIs(holds["NumPy's a @ b"], None)


class OnTheStandIn(unittest.TestCase):
    def test_a_kit_that_was_moved(self):
        with tempfile.TemporaryDirectory() as folder:
            packed = run("--pack", f"{folder}/kit", "--build", BUILD)
            self.assertEqual(packed.returncode, 0, packed.stderr)
            os.rename(f"{folder}/kit", f"{folder}/moved")
            done = run("--kit", f"{folder}/moved", "--stand-in", "--out", f"{folder}/out")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            with open(f"{folder}/out/gpu_check.json", encoding="utf-8") as file:
                whole = json.load(file)
            results = {s["name"]: s["result"] for s in whole["stages"]}
            self.assertEqual([results[name] for name in ("tests", "level3", "two", "capped")], ["passed"] * 4, whole["stages"])
            self.assertIn(results["numpy"], ("passed", "not run"))
            self.assertEqual(results["training"], "passed" if os.path.exists(f"{BUILD}/bin/memsched") else "not run", whole["stages"])
            self.assertEqual(len(whole["found"]["level3"]["rows"]), 24)
            self.assertEqual(set(whole["found"]["level3"]["rows"][0]["seconds"]), {"libblasx", "cuBLASXt", "NVBLAS"})
            with open(f"{folder}/out/gpu_check.txt", encoding="utf-8") as file:
                self.assertIn("nothing about a GPU", file.read())

            broken = run("--kit", f"{folder}/moved", "--stand-in", "--out", f"{folder}/none", FAKE_CUDA="driver=old")
            self.assertEqual(broken.returncode, 2)
            self.assertRegex(broken.stderr, r"no GPU can be used here: cudaGetDeviceCount says error 35, 0 devices; no driver is loaded, "
                             r"libblasx_cuda.so for CUDA 1[23]\n")
            facts = f"{folder}/moved/kit.json"
            with open(facts, encoding="utf-8") as file:
                kit = json.load(file)
            for cuda, told in ((11, "libblasx_cuda.so is for CUDA 11, and neither"), (None, "does not say which CUDA")):
                with open(facts, "w", encoding="utf-8") as file:
                    json.dump({**{k: v for k, v in kit.items() if k != "cuda"}, **({"cuda": cuda} if cuda else {})}, file)
                other = run("--kit", f"{folder}/moved", "--out", f"{folder}/none")
                self.assertEqual(other.returncode, 2)
                self.assertIn(told, other.stderr)
            missing = run("--kit", f"{folder}/kit")
            self.assertEqual(missing.returncode, 2)
            self.assertIn("kit.json", missing.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
