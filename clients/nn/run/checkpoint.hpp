// SPDX-License-Identifier: Apache-2.0
// A checkpoint: named sections of bytes in one file, which is there whole or not at all.
#pragma once

#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace nn {

using Sections = std::map<std::string, std::string>;

// Beside the file first, then in its place: whoever is killed meanwhile leaves the old one. Throws Error.
void write_checkpoint(const std::filesystem::path& file, const Sections& sections);
// Throws Error for a file that is damaged, cut off or no checkpoint.
Sections read_checkpoint(const std::filesystem::path& file);

// Sections of numbers. unpack throws Error where the section is missing or of another size.
std::string pack(const void* data, size_t bytes);
void unpack(const Sections& sections, const std::string& name, void* data, size_t bytes);

}  // namespace nn
