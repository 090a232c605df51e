// SPDX-License-Identifier: Apache-2.0
// Two-dimensional copies in host memory. Nothing outside the window and region is read or written.
#pragma once

#include "blasx/device/device.hpp"

namespace blasx::device {

void copy_region(const Copy& copy);

// Some columns of the region, between the copy's home window and a packed buffer of columns `copy.rows` elements apart.
struct Columns {
  int64_t first = 0, count = 0;
};
// `ld`: elements from a column of the buffer to the next.
void pack_columns(const Copy& copy, Columns columns, int64_t ld,
                  std::byte* packed);  // from copy.from
void unpack_columns(const Copy& copy, Columns columns, int64_t ld,
                    const std::byte* packed);  // to copy.to

// Bytes that copy_region moves.
int64_t region_bytes(const Copy& copy);

// Fills the region of `copy.to` with a pattern that no computation survives (NaN in every type): what a failed
// operation may leave behind in a device's block.
void scribble(const Copy& copy);

}  // namespace blasx::device
