// SPDX-License-Identifier: Apache-2.0
// The BLAS functions that the stress programs call: linked ones, or those of a library opened while the program runs.
#pragma once

#include <complex>
#include <memory>

namespace blasx::stress {

// Values of the CBLAS enumerations.
enum : int {
  kRowMajor = 101,
  kColMajor = 102,
  kNoTrans = 111,
  kTrans = 112,
  kUpper = 121,
  kLower = 122,
  kNonUnit = 131,
  kUnit = 132,
  kLeft = 141,
};

struct Calls {
  using Dgemm = void(int, int, int, int, int, int, double, const double*, int, const double*, int,
                     double, double*, int);
  using Sgemm = void(int, int, int, int, int, int, float, const float*, int, const float*, int,
                     float, float*, int);
  using Zherk = void(int, int, int, int, int, double, const void*, int, double, void*, int);
  using Dsyrk = void(int, int, int, int, int, double, const double*, int, double, double*, int);
  using Dsyr2k = void(int, int, int, int, int, double, const double*, int, const double*, int,
                      double, double*, int);
  using Dsymm = void(int, int, int, int, int, double, const double*, int, const double*, int,
                     double, double*, int);
  using Dtrmm = void(int, int, int, int, int, int, int, double, const double*, int, double*, int);

  Dgemm* dgemm;
  Sgemm* sgemm;
  Zherk* zherk;
  Dsyrk* dsyrk;
  Dsyr2k* dsyr2k;
  Dsymm* dsymm;
  Dtrmm* dtrmm;
  Dtrmm* dtrsm;
};

// Those the program is linked to.
const Calls& linked_calls();
// Those of a library, by path. The handle is the caller's to close; null with everything unset when it cannot be opened.
Calls opened_calls(const char* path, void** handle);

}  // namespace blasx::stress
