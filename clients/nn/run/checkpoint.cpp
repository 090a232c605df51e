// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/run/checkpoint.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "clients/nn/error.hpp"

namespace nn {
namespace {

constexpr const char* kMagic = "bsp-train checkpoint 1\n";

void append_number(std::string& bytes, uint64_t number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

uint64_t checksum(const char* bytes, size_t count) {
  return crc32_z(0, reinterpret_cast<const Bytef*>(bytes), count);
}

void write_all(int file, const std::string& bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t wrote = write(file, bytes.data() + done, bytes.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) throw Error(std::strerror(errno));
    done += static_cast<size_t>(wrote);
  }
  if (fsync(file) != 0) throw Error(std::strerror(errno));
}

}  // namespace

void write_checkpoint(const std::filesystem::path& file, const Sections& sections) {
  std::string bytes = kMagic;
  append_number(bytes, sections.size());
  for (const auto& [name, content] : sections) {
    append_number(bytes, name.size());
    bytes += name;
    append_number(bytes, content.size());
    bytes += content;
  }
  append_number(bytes, checksum(bytes.data(), bytes.size()));
  const std::string beside = file.string() + ".part";
  const int out = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (out < 0) throw Error(fmt::format("{}: {}", beside, std::strerror(errno)));
  try {
    write_all(out, bytes);
  } catch (const Error& error) {
    close(out);
    unlink(beside.c_str());
    throw Error(fmt::format("{}: {}; the last checkpoint stays", beside, error.what()));
  }
  close(out);
  std::filesystem::rename(beside, file);
}

Sections read_checkpoint(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(fmt::format("{}: cannot be opened", file.string()));
  std::stringstream whole;
  whole << in.rdbuf();
  const std::string bytes = whole.str();
  const auto refuse = [&](const char* why) {
    return Error(fmt::format("{}: {}", file.string(), why));
  };
  if (!bytes.starts_with(kMagic)) throw refuse("no checkpoint");
  size_t place = std::strlen(kMagic);
  const auto number = [&] {
    uint64_t value = 0;
    if (place + sizeof value > bytes.size()) throw refuse("cut off");
    std::memcpy(&value, bytes.data() + place, sizeof value);
    place += sizeof value;
    return value;
  };
  const auto text = [&] {
    const uint64_t length = number();
    if (length > bytes.size() - place) throw refuse("cut off");
    place += length;
    return bytes.substr(place - length, length);
  };
  Sections sections;
  for (uint64_t left = number(); left > 0; --left) {
    const std::string name = text();
    sections[name] = text();
  }
  const size_t end = place;
  if (number() != checksum(bytes.data(), end) || place != bytes.size()) throw refuse("damaged");
  return sections;
}

std::string pack(const void* data, size_t bytes) { return {static_cast<const char*>(data), bytes}; }

void unpack(const Sections& sections, const std::string& name, void* data, size_t bytes) {
  const auto found = sections.find(name);
  if (found == sections.end() || found->second.size() != bytes)
    throw Error(fmt::format("the checkpoint's {} is missing or of another size", name));
  std::memcpy(data, found->second.data(), bytes);
}

}  // namespace nn
