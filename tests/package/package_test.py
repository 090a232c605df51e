# SPDX-License-Identifier: Apache-2.0
"""What is installed is enough to build with, to run with, and to be taken as the system's BLAS.

Everything is installed under one prefix and moved to another, where all the rest has to work.
"""
import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

OPTIONS = None


def run(*command, **more):
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("BLASX_", "LPCOLL_", "LD_"))}
    # No build folder's flags or launchers, no measuring to the user's cache.
    environment.update({"BLASX_CONFIG": "/dev/null", "BLASX_CACHE_DIR": "off", "LC_ALL": "C"}, **more.pop("env", {}))
    more.setdefault("stderr", subprocess.PIPE)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, timeout=120, env=environment, **more)
    if done.returncode != 0:
        raise AssertionError(f"{shlex.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr or ''}")
    return done.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="blasx-package-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        first = os.path.join(cls.folder, "first")
        cls.prefix = os.path.join(cls.folder, "moved", "there")
        run("cmake", "--install", OPTIONS.build, "--prefix", first)
        os.makedirs(os.path.dirname(cls.prefix))
        shutil.move(first, cls.prefix)
        cls.libraries = os.path.join(cls.prefix, OPTIONS.libdir)
        here = os.path.dirname(os.path.abspath(__file__))
        cls.client, cls.lpcoll_client = os.path.join(here, "client"), os.path.join(here, "lpcoll_client")

    def check_clients(self, c, cpp, **more):
        self.assertRegex(run(c, **more), rf"^libblasx {re.escape(OPTIONS.version)}\+\w+: 19 43 22 50\n$")
        self.assertRegex(run(cpp, **more), rf"^libblasx {re.escape(OPTIONS.version)}\+\w+: 5 11 0 25\n$")

    def test_find_package(self):
        build = os.path.join(self.folder, "find_package")
        run("cmake", "-S", self.client, "-B", build, "-G", OPTIONS.generator, f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DCMAKE_C_COMPILER={OPTIONS.cc}", f"-DCMAKE_CXX_COMPILER={OPTIONS.cxx}")
        run("cmake", "--build", build)
        self.check_clients(os.path.join(build, "client_c"), os.path.join(build, "client_cpp"))

    def test_pkg_config(self):
        files = {"PKG_CONFIG_PATH": os.path.join(self.libraries, "pkgconfig")}
        self.assertEqual(run("pkg-config", "--modversion", "blasx", env=files).strip(), OPTIONS.version)
        flags = run("pkg-config", "--cflags", "--libs", "blasx", env=files).split()
        made = {}
        for compiler, source, extra in ((OPTIONS.cc, "client.c", ["-std=c11", "-pedantic-errors"]), (OPTIONS.cxx, "client.cpp", [])):
            made[source] = os.path.join(self.folder, "pc_" + source)
            run(compiler, *extra, os.path.join(self.client, source), "-o", made[source], *flags)
        self.check_clients(made["client.c"], made["client.cpp"], env={"LD_LIBRARY_PATH": self.libraries})

    def need_lpcoll(self):
        if not OPTIONS.mpicc:
            self.skipTest("built without liblpcoll")

    def check_lpcoll(self, program, **more):
        environment = {"LPCOLL_CROSSOVER": "0", "LPCOLL_STATS": "1", **more}
        done = run(*shlex.split(OPTIONS.mpiexec), "-np", "2", program, env=environment, stderr=subprocess.STDOUT)
        self.assertRegex(done, r"sum over 2 ranks: 3\n")
        self.assertRegex(done, r"allreduce +1 ", "the call was not taken")

    def test_lpcoll_find_package(self):
        self.need_lpcoll()
        build = os.path.join(self.folder, "lpcoll_find_package")
        run("cmake", "-S", self.lpcoll_client, "-B", build, "-G", OPTIONS.generator, f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DCMAKE_C_COMPILER={OPTIONS.cc}", f"-DMPI_C_COMPILER={OPTIONS.mpicc}")
        run("cmake", "--build", build)
        self.check_lpcoll(os.path.join(build, "client"))

    def test_lpcoll_pkg_config(self):
        self.need_lpcoll()
        files = {"PKG_CONFIG_PATH": os.path.join(self.libraries, "pkgconfig")}
        flags = run("pkg-config", "--cflags", "--libs", "lpcoll", env=files).split()
        program = os.path.join(self.folder, "pc_lpcoll")
        run(OPTIONS.mpicc, os.path.join(self.lpcoll_client, "client.c"), "-o", program, *flags)
        self.check_lpcoll(program, LD_LIBRARY_PATH=self.libraries)

    def test_lpcoll_preloaded(self):
        self.need_lpcoll()
        program = os.path.join(self.folder, "plain_mpi")
        run(OPTIONS.mpicc, "-DPLAIN_MPI", os.path.join(self.lpcoll_client, "client.c"), "-o", program)
        self.check_lpcoll(program, LD_PRELOAD=os.path.join(self.libraries, "liblpcoll_mpi.so"))

    def test_programs_start(self):
        for program in ["ooc-gemm", "ann-train", *(["lpcoll-info"] if OPTIONS.mpicc else []), *OPTIONS.client]:
            self.assertIn(program, run(os.path.join(self.prefix, "bin", program), "--help"))

    def test_tools(self):
        info = run(os.path.join(self.prefix, "bin", "blasx-info"))
        self.assertIn(os.path.realpath(os.path.join(self.libraries, "libblasx.so.0")),
                      [os.path.realpath(word) for word in info.splitlines()[0].split()])
        maps = run(os.path.join(self.prefix, "bin", "blasx-run"), "cat", "/proc/self/maps")
        self.assertIn(os.path.join(self.libraries, "libblasx.so"), maps)

    def test_man_pages(self):
        for page in ("man1/blasx-info.1", "man1/blasx-run.1", "man7/blasx.7"):
            with open(os.path.join(self.prefix, "share", "man", page), encoding="utf-8") as file:
                text = file.read()
            self.assertTrue(re.search(rf'^\.TH .*{re.escape(OPTIONS.version)}', text, re.M), f"{page}: no version in its title")
            self.assertNotRegex(text, r"@\w+@", page)

    def test_whole_blas(self):
        self.check_whole_blas(os.path.join(self.libraries, "blasx", "libblas.so.3"))

    def check_whole_blas(self, library):
        script = ("import ctypes; blas = ctypes.CDLL('%s'); blas.dasum_.restype = ctypes.c_double;"
                  "print(blas.dasum_(ctypes.byref(ctypes.c_int(3)), (ctypes.c_double * 3)(1, -2, 4),"
                  " ctypes.byref(ctypes.c_int(1))))")
        self.assertEqual(run(sys.executable, "-c", script % library), "7.0\n")

    def test_debian_package(self):
        if not shutil.which("dpkg-deb"):
            self.skipTest("no dpkg-deb: this is no Debian")
        out = os.path.join(self.folder, "deb")
        run("cpack", "-G", "DEB", "-B", out, cwd=OPTIONS.build)
        packages = {name.split("_")[0]: os.path.join(out, name) for name in os.listdir(out) if name.endswith(".deb")}
        self.check_other_packages(packages)
        package = packages["libblasx"]
        self.assertNotRegex(self.depends(package), r"mpi|mpich|dnnl|lpcoll")
        root, control = os.path.join(self.folder, "root"), os.path.join(self.folder, "control")
        run("dpkg-deb", "-x", package, root)
        run("dpkg-deb", "-e", package, control)
        listed = {line.split()[5] for line in run("dpkg-deb", "-c", package).splitlines()}
        lib = "./usr/" + OPTIONS.libdir
        promised = ["./usr/bin/blasx-info", "./usr/bin/blasx-run", "./usr/include/blasx/blasx.h",
                    "./usr/share/man/man7/blasx.7", f"{lib}/libblasx.so", f"{lib}/libblasx.so.0",
                    f"{lib}/blasx/libblas.so.3", f"{lib}/pkgconfig/blasx.pc", f"{lib}/cmake/BlasX/BlasXConfig.cmake"]
        self.assertEqual([name for name in promised if name not in listed], [])
        self.assertEqual([name for name in listed if not name.startswith("./usr/")], [])
        self.check_whole_blas(f"{root}/{lib}/blasx/libblas.so.3")
        with open(os.path.join(control, "triggers"), encoding="utf-8") as file:
            self.assertIn("ldconfig", file.read())
        self.check_alternative(root, control)

    def depends(self, package):
        depends = run("dpkg-deb", "-f", package, "Depends").strip()
        self.assertIn("libc6", depends, f"{package}: no dependencies were found")
        return depends

    def check_other_packages(self, packages):
        """What needs an MPI or oneDNN is in packages of its own, and no file in two."""
        wanted = ["libblasx"] + (["liblpcoll"] if OPTIONS.mpicc else []) + (["blasx-clients"] if OPTIONS.client else [])
        self.assertEqual(sorted(packages), sorted(wanted))
        files = [line.split()[5] for package in packages.values() for line in run("dpkg-deb", "-c", package).splitlines()]
        files = [name for name in files if not name.endswith("/")]
        self.assertEqual(sorted(files), sorted(set(files)))
        lib = "./usr/" + OPTIONS.libdir
        promised = [f"./usr/bin/{client}" for client in OPTIONS.client] + [f"./usr/share/man/man1/{client}.1" for client in OPTIONS.client]
        if OPTIONS.mpicc:
            self.assertRegex(self.depends(packages["liblpcoll"]), r"libopenmpi|libmpich")
            promised += ["./usr/bin/lpcoll-info", "./usr/include/lpcoll/lpcoll.h", "./usr/share/man/man7/lpcoll.7",
                         f"{lib}/liblpcoll.so.0", f"{lib}/liblpcoll_mpi.so", f"{lib}/pkgconfig/lpcoll.pc"]
        self.assertEqual([name for name in promised if name not in files], [])
        if OPTIONS.client:
            self.assertIn("libblasx (= ", self.depends(packages["blasx-clients"]))

    def check_alternative(self, root, control):
        """The maintainer scripts offer a file of the package as libblas.so.3, and take the same one back."""
        shim = os.path.join(self.folder, "shim")
        os.mkdir(shim)
        with open(os.path.join(shim, "update-alternatives"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho \"$@\"\n")
        os.chmod(file.name, 0o755)
        shimmed = {"PATH": shim + ":" + os.environ["PATH"]}
        word, link, name, path, priority = run(os.path.join(control, "postinst"), "configure", env=shimmed).split()
        self.assertEqual(word, "--install")
        self.assertRegex(link, r"^/usr/lib/[\w-]+/libblas\.so\.3$")
        self.assertEqual(name, "libblas.so.3-" + link.split("/")[3])
        self.assertTrue(os.path.isfile(root + path), f"{path} is not in the package")
        self.assertLess(int(priority), 10, "the reference BLAS has 10: ours is chosen by hand")
        self.assertEqual(run(os.path.join(control, "prerm"), "remove", env=shimmed).split(), ["--remove", name, path])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("build", "libdir", "version", "generator", "cc", "cxx"):
        parser.add_argument("--" + option, required=True)
    parser.add_argument("--mpicc", help="the MPI of liblpcoll, where that was built")
    parser.add_argument("--mpiexec", default="mpiexec")
    parser.add_argument("--client", action="append", default=[])
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
