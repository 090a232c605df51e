# SPDX-License-Identifier: Apache-2.0
"""What this machine has: the card, CUDA's libraries wherever they are, a host BLAS, a NumPy."""
import glob
import os
import re
import shutil
import subprocess
import sys

CUDA_PLACES = ("{CUDA_HOME}/lib64", "/usr/local/cuda/lib64", "/usr/local/cuda/targets/*/lib", "/usr/local/cuda-1[23]*/lib64",
               "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/opt/cuda/lib64")


def first_line(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().splitlines()[0] if done.returncode == 0 and done.stdout.strip() else ""


def site_packages():
    return [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]


def folders_of(libraries):
    """Folders that hold the libraries, of a toolkit or of Python packages."""
    places = [place.format(CUDA_HOME=os.environ.get("CUDA_HOME", "/usr/local/cuda")) for place in CUDA_PLACES]
    places += [f"{site}/nvidia/*/lib" for site in site_packages()]
    found = []
    for wanted in libraries:
        for place in places:
            here = [folder for folder in sorted(glob.glob(place)) if os.path.exists(os.path.join(folder, wanted))]
            if here:
                found.append(here[0])
                break
    return list(dict.fromkeys(found))


def cuda_folders(major):
    """Of the runtime and cuBLAS of this major version."""
    return folders_of([f"lib{name}.so.{major}" for name in ("cudart", "cublas", "cublasLt", "nvblas")])


def cudnn_folders():
    return folders_of(["libcudnn.so.9"])


PROBE = """
import ctypes, sys
count, driver = ctypes.c_int(0), ctypes.c_int(0)
runtime = ctypes.CDLL(f"libcudart.so.{sys.argv[1]}")
error = runtime.cudaGetDeviceCount(ctypes.byref(count))
runtime.cudaDriverGetVersion(ctypes.byref(driver))
known = f"the driver is for CUDA {driver.value // 1000}.{driver.value % 1000 // 10}" if driver.value else "no driver is loaded"
if error != 0 or count.value < 1:
    print(f"cudaGetDeviceCount says error {error}, {count.value} devices; {known}, libblasx_cuda.so for CUDA {sys.argv[1]}")
"""


def gpu_trouble(environment, major):
    """Why the runtime of this major version can use no GPU, or nothing."""
    done = subprocess.run([sys.executable, "-c", PROBE, str(major)], env=dict(os.environ, **environment), capture_output=True, text=True,
                          check=False)
    return done.stdout.strip() if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def host_blas():
    """(path, where it is from): a system's library with 32-bit integers, or the one inside SciPy or NumPy; else the built-in one."""
    for name in ("libopenblas.so.0", "libblis.so.4", "libmkl_rt.so.2"):
        for folder in ("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/local/lib"):
            if os.path.exists(os.path.join(folder, name)):
                return os.path.join(folder, name), "the system's"
    for site in site_packages():
        for package in ("scipy", "numpy"):
            for path in sorted(glob.glob(f"{site}/{package}.libs/lib*openblas*.so*")):
                if "64_" not in os.path.basename(path):  # those count in 64 bits
                    return path, f"{package}'s own"
    return "builtin", "libblasx's own: there is no other"


def python_with_numpy():
    """This interpreter, or the system's; empty if none has it."""
    pythons = [sys.executable, "/usr/bin/python3"]
    return next((p for p in pythons if first_line([p, "-c", "import numpy; print(1)"])), "")


def describe(stand_in):
    card = first_line(["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"])
    processor = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name")),
                     "unknown")
    python = python_with_numpy()
    return {
        "card": "stand-in: no figure of this run is a GPU's" if stand_in else card or "none that nvidia-smi knows",
        "processor": processor,
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        "glibc": os.confstr("CS_GNU_LIBC_VERSION"),
        "nvcc": (re.search(r"release ([\d.]+)", subprocess.run(["nvcc", "--version"], capture_output=True, text=True, check=False).stdout)
                 or [None, ""])[1] if shutil.which("nvcc") else "",
        "numpy": first_line([python, "-c", "import numpy; print(numpy.__version__)"]) if python else "none",
    }
