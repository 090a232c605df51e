/* SPDX-License-Identifier: Apache-2.0 */
/* The public header, compiled by a C compiler alone. */
#include <blasx/blasx.h>

int blasx_header_in_c(void);

int blasx_header_in_c(void) {
  blasx_setting setting = {.size = sizeof setting};
  return blasx_get("TILE", &setting) == BLASX_OK ? 0 : 1;
}
