// SPDX-License-Identifier: Apache-2.0
// Finding BLAS libraries in the process and on the machine. No state: what is found is handed to hostblas.cpp. Functions here
// ask the loader, so no lock of ours may be held.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "blasx/hostblas/hostblas.hpp"
#include "blasx/hostblas/names.hpp"

namespace blasx::hostblas {

// What a caller needs: an integer width, and whether it used the wheels' names.
struct Wanted {
  bool ilp64 = false;
  bool wheel = false;
};

// The order, chosen so that nobody ends up on a slower BLAS than without us, nor with a second copy of the same one:
//   1. what the user named (BLASX_HOST_BLAS, BLASX_HOST_BLAS64; "builtin" is the built-in one)
//   2. for wheel names: the library in the process that exports them
//   3. an OpenBLAS, BLIS or MKL that is in the process already: the one the program would have called
//   4. OpenBLAS, BLIS, MKL by soname: so a program on the reference BLAS gets a fast one where there is one
//   5. any other BLAS in the process, libblas by soname, the next definition in the loader's order
//   6. the built-in one, marked as missing
// Libraries of ours are never taken, under whatever name they are installed. Never null.
std::unique_ptr<Library> discover(Wanted wanted);

// What was looked for, for the warning that nothing was found.
std::string sought_names();

// Width that the function isamax shows when n = 0xffffffff00000003: 32 bits see 3 elements, 64 a negative number.
enum class Width : uint8_t { Unknown, Lp64, Ilp64 };
Width fortran_width(void* isamax);
Width cblas_width(void* cblas_isamax);

// Opens `file` (path or soname), or only if it is loaded already. RTLD_LOCAL. Not RTLD_DEEPBIND: error exits of levels 1 and 2
// must reach the program's own xerbla_, and calls that come back by name are met by forwarding like to like.
void* open_library(const std::string& file, bool only_if_loaded);

// A usable BLAS in the opened library; `own` takes only what the object itself defines, not what it depends on. Null with
// a reason if not.
std::unique_ptr<Library> examine(void* handle, bool own, bool ilp64,
                                 std::span<const Spelling> spellings, std::string* refusal);

// dlsym, but null for symbols of this library or another of ours.
void* foreign_symbol(void* handle, const char* name);

}  // namespace blasx::hostblas
