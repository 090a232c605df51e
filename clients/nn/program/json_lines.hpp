// SPDX-License-Identifier: Apache-2.0
// A log of one JSON object a line.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

namespace nn {

class JsonLines {
 public:
  JsonLines() = default;  // writes nowhere
  // Goes on behind the file's first `keep_bytes`; what is behind is cut off. Throws Error.
  JsonLines(const std::string& path, int64_t keep_bytes);

  void write(const std::string& object);
  // After which write() goes on; all before it is in the file.
  int64_t bytes();

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, std::fclose};
};

}  // namespace nn
