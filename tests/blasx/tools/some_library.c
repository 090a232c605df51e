/* SPDX-License-Identifier: Apache-2.0 */
/* A library that can be preloaded and does nothing. */
extern int blasx_some_library_is_here;
int blasx_some_library_is_here = 1;
