# SPDX-License-Identifier: Apache-2.0
"""Checks and measures libblasx on this machine's GPU within 9 minutes, without network or root.

Builds the preset cuda, or takes a kit that was packed elsewhere, and runs: the tests that need a GPU, a part of them under
compute-sanitizer, level 3 against cuBLASXt, NVBLAS and the bounds of card and link, two devices on one GPU, a memory cap, and NumPy's
own statement, and training: the clients' tests and images a second beside the processor's. Leaves gpu_check.json and gpu_check.txt. Status 0: all that could be checked holds; 1: something does not; 2: it could not start.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys

import clock
import kit
import machine
import report

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
SECONDS = 530
SIZES = "4096,8192,16384,32768"
IN_CORE, TUNE = "16384", "8192"  # sizes for cuBLAS's own rates, and on which cuBLASXt's settings are tried
STAGES = ("tests", "sanitizer", "level3", "two", "capped", "numpy", "training")
# The most each stage may take; what comes after the benchmark is kept for it.
LIMITS = {"build": 210, "tests": 120, "sanitizer": 45, "two": 10, "capped": 10, "numpy": 12, "training": 60}
# Network, images in a batch, and the steps that a GPU and a processor are timed over.
TRAINED = (("lenet", 256, 50, 20), ("alexnet", 64, 20, 3), ("resnet18", 32, 20, 3), ("lstm:128", 128, 20, 5))
STAND_IN = {"FAKE_CUDA": "memory=1G " + os.environ.get("FAKE_CUDA", ""), "BLASX_THRESHOLD": "0", "BLASX_TILE": "64"}


class Check:
    def __init__(self, options):
        # Nothing is measured on the stand-in, so there a busy machine may take its time.
        patience = 3 if options.stand_in else 1
        self.options, self.clock = options, clock.Clock(options.seconds * patience)
        self.limits = {name: limit * patience for name, limit in LIMITS.items()}
        self.wanted = options.stages.split(",")
        self.stages, self.found = [], {"n": 192 if options.stand_in else report.LARGE}
        self.sizes = "96,192" if options.stand_in else options.sizes

    def log(self, name):
        return os.path.join(self.options.out, f"{name}.log")

    def stage(self, name, result, seconds, note=""):
        self.stages.append({"name": name, "result": result, "seconds": seconds, "note": note})
        self.clock.say(f"{name}: {result} {note}".rstrip())

    def prepare(self):
        commit = machine.first_line(["git", "-C", ROOT, "describe", "--always", "--dirty"]) or "unknown"
        if self.options.kit:
            self.built = kit.Kit(self.options.kit)
        else:
            folder = self.options.build or os.path.join(ROOT, "build/cuda")
            if not self.options.build and not self.build():
                return False
            self.built = kit.Build(folder, commit)
        folders = [self.built.stand_in] if self.options.stand_in else machine.cuda_folders(self.built.cuda)
        if not folders:
            print(f"gpu_check: libblasx_cuda.so is for CUDA {self.built.cuda}, and neither its toolkit nor Python's nvidia packages with its "
                  "runtime and cuBLAS are here", file=sys.stderr)
            return False
        if not self.options.stand_in:
            folders = folders + machine.cudnn_folders()
        folders = folders + self.built.library_path() + os.environ.get("LD_LIBRARY_PATH", "").split(":")
        blas, self.blas_from = machine.host_blas()
        self.environment = {"LD_LIBRARY_PATH": ":".join(filter(None, folders)), "BLASX_HOST_BLAS": blas, "BLASX_CACHE_DIR": "off",
                            "BENCH_COMMIT": commit, **(STAND_IN if self.options.stand_in else {})}
        trouble = machine.gpu_trouble(self.environment, self.built.cuda)
        if trouble:
            print(f"gpu_check: no GPU can be used here: {trouble}", file=sys.stderr)
        return not trouble

    def build(self):
        targets = [t for t in kit.TARGETS + kit.STAND_IN_TARGETS if t != "fake_nvblas" or self.options.stand_in]
        for command in (["cmake", "--preset", "cuda"], ["cmake", "--build", "--preset", "cuda", "--target", *targets]):
            if command[1] == "--build":
                command += kit.client_targets(os.path.join(ROOT, "build/cuda"))
            done = clock.run(command, self.limits["build"], log=self.log("build"), cwd=ROOT)
            if not done.ok:
                self.stage("build", "FAILED" if done.in_time else "took too long", done.seconds)
                print(done.tail(), "\ngpu_check: packages are missing here? `scripts/gpu_check.sh --pack DIR` on a machine that has them makes a "
                      "kit, `--kit DIR` runs it", file=sys.stderr)
                return False
        self.stage("build", "passed", self.clock.spent())
        return True

    def tests(self):
        folder = self.built.ctest_folder(os.path.join(self.options.out, "ctest"), self.environment)
        if not shutil.which("ctest"):
            return self.stage("tests", "not run", 0, "there is no ctest")
        done = clock.run(["ctest", "--test-dir", folder, "-L", "^gpu$", "--output-on-failure", "--no-tests=error"], self.limits["tests"],
                         self.environment, self.log("tests"))
        skipped = done.output.count("***Skipped")
        result = "passed" if done.ok and not skipped else "skipped" if done.ok else "FAILED" if done.in_time else "took too long"
        line = next((line for line in done.output.splitlines() if "tests passed" in line), "")
        self.stage("tests", result, done.seconds, f"{line}{f', {skipped} skipped' if skipped else ''}")

    def sanitizer(self):
        tool = shutil.which("compute-sanitizer") or "/usr/local/cuda/bin/compute-sanitizer"
        if self.options.stand_in or not os.path.exists(tool):
            return self.stage("sanitizer", "not run", 0, "there is no compute-sanitizer" if not self.options.stand_in else "on the stand-in")
        done = clock.run([tool, "--tool", "memcheck", "--error-exitcode", "9", self.built.conformance, "--gtest_filter=*dgemm:*dtrsm:*zher2k"],
                         self.limits["sanitizer"],
                         {**self.environment, "BLASX_TEST_GPUS": "0 0,0", "BLASX_TEST_SHARE": "200", "BLASX_TEST_CUDA_MODULE": self.built.module},
                         self.log("sanitizer"))
        refused = "not supported" in done.output
        self.stage("sanitizer", "passed" if done.ok else "not run" if refused else "FAILED" if done.in_time else "took too long", done.seconds,
                   "the device refuses it" if refused else "")

    def bench(self, name, limit, *arguments):
        path = os.path.join(self.options.out, f"{name}.json")
        in_core, tune = ("96", "96") if self.options.stand_in else (IN_CORE, TUNE) if name == "level3" else ("2048", TUNE)
        done = clock.run([self.built.bench, "--ours", self.built.library, "--json", path, "--in-core", in_core, "--tune", tune, *arguments],
                         min(limit, self.clock.left()), self.environment, self.log(name))
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.found[name] = json.load(file)
        self.stage(name, "passed" if done.ok else "FAILED" if done.in_time else "took too long", done.seconds, "" if done.ok else done.tail(1))

    def level3(self):
        seconds = self.clock.left() - 5 - sum(self.limits[name] for name in ("two", "capped", "numpy", "training") if name in self.wanted)
        blas = self.built.host_blas()
        self.bench("level3", seconds, "--size", self.sizes, "--seconds", f"{seconds * 0.95:.0f}", "--set", "BLASX_DEVICES=cuda:0",
                   *(["--host-blas", blas] if blas else []))

    def alone(self, name, devices, *settings):
        """dgemm of one size, once more, under other settings."""
        pairs = [f"BLASX_DEVICES={devices}", *settings]
        self.bench(name, self.limits[name], "--size", str(self.found["n"]), "--type", "d", "--routine", "gemm", "--peers", "0",
                   *[word for pair in pairs for word in ("--set", pair)])

    def numpy(self):
        python = machine.python_with_numpy()
        if not python:
            return self.stage("numpy", "not run", 0, "no python3 here has NumPy")
        script = os.path.join(os.path.dirname(os.path.realpath(__file__)), "numpy_statement.py")
        done = clock.run([python, script, str(self.found["n"])], min(self.limits["numpy"], self.clock.left()),
                         {**self.environment, "LD_PRELOAD": self.built.library, "BLASX_DEVICES": "cuda:0"}, self.log("numpy"))
        if done.ok:
            self.found["numpy"] = json.loads(next(line for line in done.output.splitlines() if line.startswith("{")))
        self.stage("numpy", "passed" if done.ok else "FAILED" if done.in_time else "took too long", done.seconds)

    def training(self):
        """The clients' tests, then networks trained on the GPU and on the processor."""
        ends = self.clock.spent() + min(self.limits["training"], self.clock.left())
        folders = self.environment["LD_LIBRARY_PATH"].split(":")
        if not os.path.exists(self.built.memsched):
            return self.stage("training", "not run", 0, "the clients are not built")
        if not any(os.path.exists(os.path.join(folder, "libcudnn.so.9")) for folder in folders):
            return self.stage("training", "not run", 0, "there is no cuDNN 9")
        begun, folder = self.clock.spent(), self.built.ctest_folder(os.path.join(self.options.out, "ctest"), self.environment)
        if shutil.which("ctest"):
            done = clock.run(["ctest", "--test-dir", folder, "-L", "^gpu_clients$", "--output-on-failure", "--no-tests=error"],
                             ends - self.clock.spent(), self.environment, self.log("training"))
            if not done.ok:
                return self.stage("training", "FAILED" if done.in_time else "took too long", done.seconds, done.tail(1))
        rows = self.found["training"] = []
        for net, batch, *steps in (("lenet", 2, 2, 2),) if self.options.stand_in else TRAINED:
            row = {"net": net, "batch": batch}
            for device, count in zip(("cuda:0", "cpu"), steps):
                done = clock.run([self.built.memsched, "train", "--net", net, "--batch", str(batch), "--steps", str(count), "--conv", "auto",
                                  "--device", device], ends - self.clock.spent(), self.environment, self.log(f"training_{net}_{device}"))
                if not done.ok and device != "cpu":
                    return self.stage("training", "FAILED" if done.in_time else "took too long", self.clock.spent() - begun, done.tail(1))
                if done.ok:
                    seconds = next(line.split()[-1] for line in done.output.splitlines() if line.startswith("seconds a step"))
                    row[device] = batch / float(seconds)
            rows.append(row)
        self.stage("training", "passed", self.clock.spent() - begun)

    def run(self):
        os.makedirs(self.options.out, exist_ok=True)
        if not self.prepare():
            return 2
        n = self.found["n"]
        stages = {"tests": self.tests, "sanitizer": self.sanitizer, "level3": self.level3,
                  "two": lambda: self.alone("two", "cuda:0,cuda:0"),
                  "capped": lambda: self.alone("capped", "cuda:0", f"BLASX_DEVICE_MEMORY={3 * n * n * 8 // 8}"),
                  "numpy": self.numpy, "training": self.training}
        for name in STAGES:
            if name in self.wanted:
                stages[name]()
        facts = {**machine.describe(self.options.stand_in), "host_blas": f"{self.environment['BLASX_HOST_BLAS']} ({self.blas_from})"}
        claims = report.judge(self.found, self.options.stand_in)
        whole = {"machine": facts, "commit": self.built.commit, "stand_in": self.options.stand_in, "seconds": round(self.clock.spent()),
                 "stages": self.stages, "claims": claims, "found": self.found}
        with open(os.path.join(self.options.out, "gpu_check.json"), "w", encoding="utf-8") as file:
            json.dump(whole, file, indent=1)
        text = report.table(whole)
        with open(os.path.join(self.options.out, "gpu_check.txt"), "w", encoding="utf-8") as file:
            file.write(text)
        print(text)
        failed = [s["name"] for s in self.stages if s["result"] not in ("passed", "not run")]
        return 1 if failed or any(c["holds"] is False for c in claims) else 0


def pack(folder, build):
    commit = machine.first_line(["git", "-C", ROOT, "describe", "--always", "--dirty"]) or "unknown"
    if not build:
        build = os.path.join(ROOT, "build/cuda")
        subprocess.run(["cmake", "--preset", "cuda"], cwd=ROOT, check=True)
        subprocess.run(["cmake", "--build", "--preset", "cuda", "--target", *kit.TARGETS, *kit.STAND_IN_TARGETS,
                        *kit.client_targets(build)], cwd=ROOT, check=True)
    size = kit.pack(build, folder, commit)
    print(f"{folder}: {size / 2**20:.1f} MiB, commit {commit}; there: scripts/gpu_check.sh --kit {folder}")
    return 0


def main():
    parser = argparse.ArgumentParser(prog="gpu_check.sh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=os.path.join(ROOT, "build/gpu_check"), metavar="DIR", help="where the results go [%(default)s]")
    parser.add_argument("--build", metavar="DIR", help="a build folder that is ready, instead of building")
    parser.add_argument("--pack", metavar="DIR", help="make a kit: what was built, in a folder that runs where nothing can be installed")
    parser.add_argument("--kit", metavar="DIR", help="take what a kit holds, instead of building")
    parser.add_argument("--sizes", default=SIZES, metavar="N,N", help="of the benchmark [%(default)s]")
    parser.add_argument("--stages", default=",".join(STAGES), metavar="NAMES", help="which are run [%(default)s]")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="time for everything [%(default)s]")
    parser.add_argument("--stand-in", action="store_true", help="try the check itself, on the tests' stand-in for CUDA; nothing is measured")
    options = parser.parse_args()
    unknown = set(options.stages.split(",")) - set(STAGES)
    if unknown:
        parser.error(f"--stages: no stage {', '.join(sorted(unknown))}; accepted: {', '.join(STAGES)}")
    try:
        return pack(options.pack, options.build) if options.pack else Check(options).run()
    except kit.KitError as error:
        print(f"gpu_check: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
