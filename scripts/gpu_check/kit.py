# SPDX-License-Identifier: Apache-2.0
"""What was built elsewhere, in one folder that runs where nothing can be installed.

bin/ programs, lib/ libblasx with its module, lib/needed what they link and few machines have, lib/gcc the compiler's libraries for
machines with older ones, stand_in/ the tests' stand-in for CUDA, kit.json the tests and where all this is from.
"""
import glob
import json
import os
import re
import shutil
import subprocess

# Every machine has these, or they must be its own.
OF_THE_SYSTEM = re.compile(r"^(linux-vdso|ld-linux|lib(c|m|dl|rt|pthread|resolv|cuda|cudart|cublas|cublasLt|nvblas|cudnn)\.so)")
OF_THE_COMPILER = re.compile(r"^lib(stdc\+\+|gcc_s|gfortran|quadmath)\.so")
TARGETS = ("blasx", "blasx_cuda", "bench_gpu_level3", "runtime_conformance_test")
STAND_IN_TARGETS = ("fake_cudart", "fake_cublas", "fake_nvblas")
# Built where there is what the clients need.
CLIENTS = {"nn_cuda": "lib/libnn_cuda.so", "fake_cudnn": "tests/fake_cuda/lib/libcudnn.so.9", "memsched": "bin/memsched",
           "nn_cuda_layers_test": "tests/clients/nn/cuda/nn_cuda_layers_test",
           "memsched_cuda_run_test": "tests/clients/memsched/memsched_cuda_run_test"}


class KitError(Exception):
    """What is missing, and how it is made."""


def linked(path):
    """{soname: path} of all that the file needs, as this machine's loader finds it."""
    out = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"^\s*(\S+) => (/\S+)", out, re.M))


def cuda_major(module):
    """Of the toolkit that libblasx_cuda.so was built with."""
    out = subprocess.run(["objdump", "-p", module], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"NEEDED\s+libcudart\.so\.(\d+)", out)[1])


def client_targets(build):
    """Those of CLIENTS that the configured build knows."""
    out = subprocess.run(["cmake", "--build", build, "--target", "help"], capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"^(?:\.\.\. )?([\w.-]+)(?::.*)?$", out, re.M))
    return [target for target in CLIENTS if target in known] if known.issuperset(CLIENTS) else []


def newest_glibc(paths):
    versions = set()
    for path in paths:
        out = subprocess.run(["objdump", "-T", path], capture_output=True, text=True, check=True).stdout
        versions.update(tuple(map(int, v.split("."))) for v in re.findall(r"GLIBC_(\d+\.\d+)", out))
    return max(versions)


def put(source, folder, name=None):
    target = os.path.join(folder, name or os.path.basename(source))
    shutil.copyfile(os.path.realpath(source), target)
    shutil.copymode(os.path.realpath(source), target)
    subprocess.run(["strip", "--strip-debug", target], check=True)
    return target


def gpu_tests(build):
    """The tests with the labels gpu and gpu_clients, as ctest knows them, with the build's paths told as the kit's."""
    out = subprocess.run(["ctest", "--test-dir", build, "-L", "^gpu", "--show-only=json-v1"], capture_output=True, text=True,
                         check=True).stdout
    tests = []
    for test in json.loads(out)["tests"]:
        properties = {p["name"]: p["value"] for p in test["properties"]}
        if not os.path.exists(test.get("command", [""])[0]):
            continue  # a client's that is not built
        environment = [re.sub(re.escape(build) + r"/lib/", "@KIT@/lib/", pair) for pair in properties.get("ENVIRONMENT", [])]
        tests.append({"name": test["name"], "command": ["@KIT@/bin/" + os.path.basename(test["command"][0])] + test["command"][1:],
                      "label": properties["LABELS"][0], "environment": environment, "timeout": properties.get("TIMEOUT", 300)})
    return tests


def pack(build, folder, commit):
    build = os.path.realpath(build)
    shutil.rmtree(folder, ignore_errors=True)
    folders = {name: os.path.join(folder, name) for name in ("bin", "lib", "lib/needed", "lib/gcc", "stand_in")}
    for path in folders.values():
        os.makedirs(path)
    wanted = [(f"{build}/lib/libblasx.so", "lib", "libblasx.so"), (f"{build}/lib/libblasx_cuda.so", "lib", None),
              (f"{build}/bench/bench_gpu_level3", "bin", None),
              (f"{build}/tests/conformance/runtime_conformance_test", "bin", None)]
    wanted += [(path, "stand_in", None) for path in sorted(glob.glob(f"{build}/tests/fake_cuda/lib/lib*.so.1[23]"))]
    if os.path.exists(f"{build}/{CLIENTS['memsched']}"):
        # The clients find libblasx by its soname, and their GPU layers beside it.
        wanted += [(f"{build}/lib/libblasx.so", "lib", "libblasx.so.0")]
        for path in CLIENTS.values():
            where = "stand_in" if "fake" in path else "lib" if path.startswith("lib/") else "bin"
            wanted.append((f"{build}/{path}", where, None))
    for path, _, _ in wanted:
        if not os.path.exists(path):
            raise KitError(f"{path} is not there; build the targets {' '.join(TARGETS + STAND_IN_TARGETS)} first")
    ours = [put(path, folders[where], name) for path, where, name in wanted]
    # hwloc is opened when there is one; NVBLAS hands small calls to a BLAS with Fortran names.
    opened = [path for pattern in ("libhwloc.so.15", "blas/libblas.so.3") for path in glob.glob(f"/usr/lib/*-linux-gnu/{pattern}")]
    needed = {os.path.basename(path): path for path in opened}
    for path in [path for path, _, _ in wanted] + opened:
        needed.update(linked(path))
    for soname, path in sorted(needed.items()):
        if not OF_THE_SYSTEM.match(soname) and not path.startswith(build):
            ours.append(put(path, folders["lib/gcc" if OF_THE_COMPILER.match(soname) else "lib/needed"], soname))
    if not any(test["label"] == "gpu" for test in gpu_tests(build)):
        raise KitError(f"{build} has no test with the label gpu")
    with open(os.path.join(folder, "kit.json"), "w", encoding="utf-8") as file:
        json.dump({"commit": commit, "cuda": cuda_major(f"{build}/lib/libblasx_cuda.so"), "glibc": ".".join(map(str, newest_glibc(ours))),
                   "tests": gpu_tests(build)}, file, indent=1)
    return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(folder) for name in names)


class Kit:
    """An unpacked kit."""

    def __init__(self, folder):
        self.folder = os.path.realpath(folder)
        try:
            with open(os.path.join(self.folder, "kit.json"), encoding="utf-8") as file:
                self.facts = json.load(file)
        except OSError as error:
            raise KitError(f"{error.filename}: {error.strerror}; --pack makes a kit") from error
        self.library = os.path.join(self.folder, "lib/libblasx.so")
        self.bench = os.path.join(self.folder, "bin/bench_gpu_level3")
        self.conformance = os.path.join(self.folder, "bin/runtime_conformance_test")
        self.module = os.path.join(self.folder, "lib/libblasx_cuda.so")
        self.stand_in = os.path.join(self.folder, "stand_in")
        self.memsched = os.path.join(self.folder, "bin/memsched")
        self.commit = self.facts["commit"]
        if "cuda" not in self.facts:
            raise KitError(f"{self.folder} does not say which CUDA it is for; --pack makes a kit that does")
        self.cuda = self.facts["cuda"]

    def library_path(self):
        """Folders for LD_LIBRARY_PATH; the compiler's libraries only where the machine's own are too old."""
        needed = [os.path.join(self.folder, "lib"), os.path.join(self.folder, "lib/needed")]
        for extra in ([], [os.path.join(self.folder, "lib/gcc")]):
            path = needed + extra
            done = subprocess.run([self.bench, "--help"], env=dict(os.environ, LD_LIBRARY_PATH=":".join(path)), capture_output=True,
                                  text=True, check=False)
            if done.returncode == 0:
                return path
        raise KitError(f"{self.bench} does not start here: {done.stderr.strip()}; it needs glibc {self.facts['glibc']}")

    def host_blas(self):
        """For NVBLAS: 32-bit integers, Fortran names."""
        return os.path.join(self.folder, "lib/needed/libblas.so.3")

    def ctest_folder(self, folder, extra):
        """Writes what ctest reads; `extra`: environment that goes in front."""
        os.makedirs(folder, exist_ok=True)
        lines = []
        for test in self.facts["tests"]:
            words = [word.replace("@KIT@", self.folder) for word in test["command"]]
            pairs = [f"{name}={value}" for name, value in extra.items()]
            pairs += [pair.replace("@KIT@", self.folder) for pair in test["environment"]]
            lines.append(f'add_test([=[{test["name"]}]=] {" ".join(f"[=[{word}]=]" for word in words)})')
            lines.append(f'set_tests_properties([=[{test["name"]}]=] PROPERTIES LABELS {test["label"]} TIMEOUT {test["timeout"]} SKIP_RETURN_CODE 77 '
                         f'ENVIRONMENT [=[{";".join(pairs)}]=])')
        with open(os.path.join(folder, "CTestTestfile.cmake"), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return folder


class Build:
    """A build folder of this tree, behind the same names."""

    def __init__(self, folder, commit):
        self.folder = os.path.realpath(folder)
        self.library = os.path.join(self.folder, "lib/libblasx.so")
        self.bench = os.path.join(self.folder, "bench/bench_gpu_level3")
        self.conformance = os.path.join(self.folder, "tests/conformance/runtime_conformance_test")
        self.module = os.path.join(self.folder, "lib/libblasx_cuda.so")
        self.stand_in = os.path.join(self.folder, "tests/fake_cuda/lib")
        self.memsched = os.path.join(self.folder, CLIENTS["memsched"])
        self.commit = commit
        if not os.path.exists(self.module):
            raise KitError(f"{self.module} is not there; build the targets {' '.join(TARGETS + STAND_IN_TARGETS)} first")
        self.cuda = cuda_major(self.module)

    def library_path(self):
        return []

    def host_blas(self):
        found = sorted(glob.glob("/usr/lib/*-linux-gnu/blas/libblas.so.3") + glob.glob("/usr/lib*/lib*blas.so.3"))
        return found[0] if found else ""

    def ctest_folder(self, _folder, _extra):
        return self.folder
