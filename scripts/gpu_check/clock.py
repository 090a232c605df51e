# SPDX-License-Identifier: Apache-2.0
"""The time that is left, and commands that end when theirs is over."""
import os
import signal
import subprocess
import time


class Clock:
    def __init__(self, seconds):
        self.begun, self.seconds = time.monotonic(), seconds

    def spent(self):
        return time.monotonic() - self.begun

    def left(self):
        return max(0.0, self.seconds - self.spent())

    def say(self, text):
        print(f"[{self.spent():4.0f} s, at most {self.left():.0f} s left] {text}", flush=True)


class Done:
    def __init__(self, status, output, seconds):
        self.status, self.output, self.seconds = status, output, seconds
        self.in_time = status is not None

    @property
    def ok(self):
        return self.status == 0

    def tail(self, lines=12):
        return "\n".join(self.output.splitlines()[-lines:])


def run(command, limit, environment=None, log=None, cwd=None):
    """Runs the command with all it starts for at most `limit` seconds. status is None if it had to be ended."""
    begun = time.monotonic()
    with subprocess.Popen(command, env=dict(os.environ, **(environment or {})), cwd=cwd, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          start_new_session=True) as process:
        try:
            output, _ = process.communicate(timeout=max(1.0, limit))
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            status = None
    if log:
        with open(log, "w", encoding="utf-8") as file:
            file.write("$ " + " ".join(command) + "\n" + output)
    return Done(status, output, time.monotonic() - begun)
