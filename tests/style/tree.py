# SPDX-License-Identifier: Apache-2.0
"""The files of the checkout, and the folders as CMake declares them."""
import os
import re
import subprocess

CODE = (".c", ".cpp", ".h", ".hpp", ".cu", ".cuh")


class NoCheckout(Exception):
    """The tree is no git checkout: nobody knows which files are the project's."""


def files(root):
    run = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise NoCheckout(run.stderr.strip())
    # A file may be gone from the working tree and still be in the index.
    return [name for name in run.stdout.split("\0") if name and os.path.isfile(os.path.join(root, name))]


def read(root, name):
    with open(os.path.join(root, name), encoding="utf-8") as file:
        return file.read()


def is_code(name):
    return name.endswith(CODE)


class Folder:
    def __init__(self, name, path, links):
        self.name, self.path, self.links = name, path, links


def folders(root, names):
    """What each blasx_add_folder says: {path: Folder}; its LINKS are the folders below it that it may know."""
    found = {}
    for name in names:
        if os.path.basename(name) != "CMakeLists.txt":
            continue
        for body in re.findall(r"^blasx_add_folder\(([^)]*)\)", read(root, name), re.M):
            keyword, values = None, {"NAME": [], "DIR": [], "LINKS": []}
            for word in body.split():
                if word.isupper():
                    keyword = word
                elif keyword in values:
                    values[keyword].append(word)
            folder = Folder(values["NAME"][0], values["DIR"][0], values["LINKS"])
            found[folder.path] = folder
    return found
