# SPDX-License-Identifier: Apache-2.0
"""Holds the tree to its rules: check.py ROOT format|files|includes [--clang-format PROGRAM]. Status 77: cannot be checked here."""
import argparse
import os
import posixpath
import re
import subprocess
import sys

import tree

# The seam between scheduler, drivers and devices: plain values that both sides speak, so either may include it.
SEAMS = {"blasx/schedule/protocol.hpp"}
# Public headers are for those outside, and for the faces, which implement them.
FACES = ("blasx/abi", "blasx/api", "blasx/tools", "lpcoll/api", "lpcoll/preload", "lpcoll/tools",
         "ooc_gemm/run", "ooc_gemm/api", "ooc_gemm/tools", "ooc_gemm/ann", "clients")
# Who may name a foreign interface: pattern of the header, folders.
FOREIGN = [
    (re.compile(r"mpi\.h$"), ("lpcoll", "include/lpcoll", "clients", "tests/lpcoll", "tests/mpi",
                               "tests/package/lpcoll_client", "bench/lpcoll")),
    (re.compile(r"(cuda|cublas|cudnn|nvml|nvtx|nccl)[\w/]*\.h(pp)?$"),
     ("blasx/device/cuda", "blasx/topology", "lpcoll/transport/cuda", "clients/nn", "tests", "bench")),
    (re.compile(r"hwloc[\w/]*\.h$"), ("blasx/topology",)),
]
NO_SPDX = (".md", ".json", ".gitignore", "LICENSE", ".txt.in", ".svg", ".png", ".csv")
RESULTS = "bench/results/"


def under(name, folder):
    return name.startswith(folder + "/")


def check_format(root, names, options):
    code = [name for name in names if tree.is_code(name)]
    version = subprocess.run([options.clang_format, "--version"], capture_output=True, text=True, check=False).stdout
    if "version 14." not in version:
        print(f"{options.clang_format}: {version.strip()}; the tree is formatted by version 14")
        sys.exit(77)
    run = subprocess.run([options.clang_format, "--dry-run", "-Werror", *code], cwd=root, capture_output=True,
                         text=True, check=False)
    return [line for line in run.stderr.splitlines() if "error:" in line]


def foreign_folders(root):
    """Absolute paths that mean something on one machine only: homes, and the place of this checkout."""
    places = [f"/{home}/" for home in ("root", "home", "Users")]
    top = os.path.abspath(root).split("/")[1]
    if top not in ("usr", "opt", "tmp", "var", "srv", "mnt", "build", "src"):
        places.append(f"/{top}/")
    return re.compile(r"(?<![\w.})*$>/-])(" + "|".join(places) + r")\w")


def check_files(root, names, _options):
    wrong = []
    elsewhere = foreign_folders(root)
    for name in names:
        try:
            lines = tree.read(root, name).splitlines()
        except UnicodeDecodeError:
            continue
        if name.startswith(RESULTS):
            continue
        if not name.endswith(NO_SPDX):
            first = lines[1] if lines and lines[0].startswith("#!") and len(lines) > 1 else "".join(lines[:1])
            if "SPDX-License-Identifier: Apache-2.0" not in first:
                wrong.append(f"{name}:1: its first line is not the SPDX line")
        limit = 200 if name.endswith((".hpp", ".h", ".cuh")) else 500
        if name != "LICENSE" and len(lines) > limit:
            wrong.append(f"{name}: {len(lines)} lines; at most {limit}")
        for number, line in enumerate(lines, 1):
            place = elsewhere.search(line)
            if place and name != "tests/style/check.py":
                wrong.append(f"{name}:{number}: {place.group(1)} is a place of one machine")
            if line != line.rstrip() and not name.endswith(".md"):
                wrong.append(f"{name}:{number}: blanks at its end")
    return wrong


def includes(root, name):
    for number, line in enumerate(tree.read(root, name).splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if found:
            yield number, found.group(1) == '"', found.group(2)


def owner(folders, path):
    """The folder a path is in: the longest that holds it."""
    return max((folder for folder in folders if under(path, folder)), key=len, default=None)


def check_includes(root, names, _options):
    wrong = []
    declared = tree.folders(root, names)
    declared.pop("bench", None)  # its programs are apart from the folder they share, and link what they measure
    paths = {folder.name: folder.path for folder in declared.values()}
    for name in filter(tree.is_code, names):
        home = owner(declared, name)
        for number, quoted, header in includes(root, name):
            where = f"{name}:{number}: includes {header}"
            for pattern, allowed in FOREIGN:
                if not quoted and pattern.match(header) and not any(under(name, place) for place in allowed):
                    wrong.append(f"{where}: only {', '.join(allowed)} may")
            if quoted and (header.startswith(".") or ".." in header or header != posixpath.normpath(header)):
                wrong.append(f"{where}: a path from the root of the tree, please")
            public = not quoted and re.match(r"(blasx|lpcoll|ooc_gemm)/", header)
            if public and home and not name.startswith(("bench/", "tests/")) and not home.startswith(FACES):
                wrong.append(f"{where}: a public header, below the faces")
            if quoted and name.startswith("clients/") and not header.startswith("clients/"):
                wrong.append(f"{where}: clients see public headers only")
            target = owner(declared, header)
            if not quoted or not home or not target or target == home or header in SEAMS:
                continue
            if target not in [paths.get(link) for link in declared[home].links]:
                wrong.append(f"{where}: {home} does not link {declared[target].name}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root")
    parser.add_argument("check", choices=["format", "files", "includes"])
    parser.add_argument("--clang-format", default="clang-format")
    options = parser.parse_args()
    try:
        names = tree.files(options.root)
    except tree.NoCheckout as reason:
        print(f"skipped: {reason}")
        return 77
    check = {"format": check_format, "files": check_files, "includes": check_includes}[options.check]
    wrong = check(options.root, names, options)
    for line in wrong:
        print(line)
    print(f"{options.check}: {len(names)} files, {len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
