// SPDX-License-Identifier: MIT
#include "runtime/process/launcher/job.hpp"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ratchet::launch {

namespace {

bool receive_all(int socket, void* bytes, size_t size) {
  auto* to = static_cast<char*>(bytes);
  while (size > 0) {
    ssize_t n = recv(socket, to, size, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    to += n;
    size -= static_cast<size_t>(n);
  }
  return true;
}

}  // namespace

bool receive_job(int control, job& into) {
  run_header& header = into.header;
  if (!receive_all(control, &header, sizeof header) || header.magic != magic) return false;
  const std::uint64_t strings =
      std::uint64_t{2} + header.arguments + header.variables + header.read_only_paths;
  if (header.body_bytes > max_body_bytes || strings > header.body_bytes) return false;
  if (header.arguments == 0) return false;

  // Never freed: the supervisor serves one run.
  auto* body = static_cast<char*>(malloc(header.body_bytes));
  auto** pointers = static_cast<char**>(calloc(strings + 3, sizeof(char*)));
  if (!body || !pointers || !receive_all(control, body, header.body_bytes)) return false;

  char* end = body + header.body_bytes;
  auto next = [&]() -> char* {
    auto* nul =
        body < end ? static_cast<char*>(memchr(body, 0, static_cast<size_t>(end - body))) : nullptr;
    if (!nul) return nullptr;
    char* text = body;
    body = nul + 1;
    return text;
  };
  auto list = [&](std::uint32_t count) -> char** {
    char** first = pointers;
    for (std::uint32_t i = 0; i < count; ++i)
      if (!(*pointers++ = next())) return nullptr;
    ++pointers;  // calloc left a nullptr there
    return first;
  };
  into.directory = next();
  into.overlay = next();
  into.arguments = list(header.arguments);
  into.environment = list(header.variables);
  into.read_only_paths = list(header.read_only_paths);
  return into.directory && into.overlay && into.arguments && into.environment &&
         into.read_only_paths && body == end;
}

const char* variable(const job& job, const char* name) {
  const size_t length = strlen(name);
  for (char** entry = job.environment; *entry; ++entry)
    if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') return *entry + length + 1;
  return nullptr;
}

bool send_all(int socket, const void* bytes, unsigned long size) {
  const auto* from = static_cast<const char*>(bytes);
  while (size > 0) {
    ssize_t n = send(socket, from, size, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    from += n;
    size -= static_cast<unsigned long>(n);
  }
  return true;
}

}  // namespace ratchet::launch
