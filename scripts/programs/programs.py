# SPDX-License-Identifier: Apache-2.0
"""The programs, where they are found and how one is run with or without libblasx."""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import threading

import stats

HERE = os.path.dirname(os.path.abspath(__file__))


class Unavailable(Exception):
    """The program cannot run here; the text says why and what would help."""


class RunFailed(Exception):
    pass


def debian_python(module):
    """Debian's own interpreter: others on PATH do not see Debian's packages."""
    python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else shutil.which("python3")
    if not python:
        raise Unavailable("there is no python3")
    probe = subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False)
    if probe.returncode != 0:
        raise Unavailable(f"{python} has no {module}; apt-get install python3-{module}")
    return python


def tool(name, package):
    path = shutil.which(name)
    if not path:
        raise Unavailable(f"{name} is not installed; apt-get install {package}")
    return path


def wheel_python(module, folder):
    """A virtual environment with NumPy and SciPy from PyPI, made once in `folder`."""
    python = os.path.join(folder, "bin", "python")
    ready = os.path.join(folder, "ready")
    if not os.path.exists(ready):
        shutil.rmtree(folder, ignore_errors=True)
        for maker in dict.fromkeys(["/usr/bin/python3", shutil.which("python3") or ""]):
            made = maker and subprocess.run([maker, "-m", "venv", folder], capture_output=True, check=False)
            if made and made.returncode == 0:
                break
            shutil.rmtree(folder, ignore_errors=True)
        else:
            raise Unavailable("no python3 here can make a virtual environment; apt-get install python3-venv")
        pip = subprocess.run([python, "-m", "pip", "install", "--quiet", "--only-binary=:all:", "numpy", "scipy"],
                             capture_output=True, text=True, check=False)
        if pip.returncode != 0:
            lines = pip.stderr.strip().splitlines() or ["no message"]
            raise Unavailable("pip cannot install the wheels: " + lines[-1])
        with open(ready, "w", encoding="ascii"):
            pass
    if not glob.glob(os.path.join(folder, "lib", "python*", "site-packages", module + ".libs")):
        raise Unavailable(f"the {module} wheel for this machine brings no BLAS of its own")
    return python


def command_of(program, wheels_folder):
    """Start of the command line of a driver."""
    script = {"numpy": "numpy_job.py", "scipy": "scipy_job.py", "R": "r_job.R", "octave": "octave_job.m",
              "hpcc": "hpcc_job.py", "numpy-wheel": "numpy_job.py", "scipy-wheel": "scipy_job.py"}[program]
    script = os.path.join(HERE, script)
    if program in ("numpy", "scipy"):
        return [debian_python(program), script]
    if program.endswith("-wheel"):
        return [wheel_python(program.split("-")[0], wheels_folder), script]
    if program == "R":
        return [tool("Rscript", "r-base-core"), "--vanilla", script]
    if program == "octave":
        return [tool("octave-cli", "octave"), "--norc", "--quiet", "--no-history", script]
    tool("hpcc", "hpcc")
    tool("mpirun", "openmpi-bin")
    return [sys.executable, script]


PROGRAMS = ("numpy", "scipy", "R", "octave", "hpcc", "numpy-wheel", "scipy-wheel")


def watch(arguments, environment, stdout_path, timeout, progress):
    """Runs a command to its end or the timeout; returns stdout, stderr without progress lines, and the status."""
    messages = []
    with open(stdout_path, "w+", encoding="utf-8") as stdout:
        # A session of its own, so that a timeout takes the program's children too.
        with subprocess.Popen(arguments, stdout=stdout, stderr=subprocess.PIPE, text=True, env=environment,
                              start_new_session=True) as process:
            timer = threading.Timer(timeout, os.killpg, (process.pid, signal.SIGKILL))
            timer.start()
            try:
                for line in process.stderr:
                    if line.startswith("progress "):
                        if progress:
                            progress(line[len("progress "):].strip())
                    else:
                        messages.append(line)
                process.wait()
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                raise
            finally:
                timer.cancel()
        stdout.seek(0)
        return stdout.read(), "".join(messages), process.returncode


def run(program, command, out, options=(), library="", settings=None, timeout=600, progress=None):
    """Runs a driver. Returns its report and, with a library, the Counts of the statistics.

    `settings`: environment of the program, over this process's. `progress` is called with each line a driver says.
    """
    os.makedirs(out, exist_ok=True)
    table = os.path.join(out, "stats.txt")
    if os.path.exists(table):
        os.remove(table)
    extra = {"PYTHONDONTWRITEBYTECODE": "1", **(settings or {})}
    arguments = [*command, "--out", out, *options]
    if library:
        extra["BLASX_STATS"] = table
        if program == "hpcc":
            arguments += ["--preload", library]
            for name, value in extra.items():
                arguments += ["--set", f"{name}={value}"]
        else:
            extra["LD_PRELOAD"] = library
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BLASX_")}
    environment.update(extra)
    if program == "hpcc":
        environment.pop("LD_PRELOAD", None)

    text, messages, status = watch(arguments, environment, os.path.join(out, "stdout.txt"), timeout, progress)
    if status != 0:
        raise RunFailed(f"{program} ended with status {status}\n{messages}{text[-2000:]}")
    report = json.loads(text)
    report["messages"] = messages
    counts = {}
    if library and os.path.exists(table):
        with open(table, encoding="utf-8") as file:
            counts = stats.parse(file.read())
    return report, counts
