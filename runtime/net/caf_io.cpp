// SPDX-License-Identifier: MIT
#include "runtime/net/caf_io.hpp"

#include <dlfcn.h>

#include "runtime/os/program_file.hpp"

namespace ratchet::net {

namespace {

constexpr const char* file_name = "ratchet-caf-io.so";

failure not_loaded(const std::string& why) {
  return fail(errc::process_failed, "the part of Ratchet that speaks to other machines, " +
                                        std::string(file_name) + ", " + why +
                                        "; reinstall Ratchet, and CAF with its libcaf_io");
}

expected<const caf_io*> load() {
  const auto file = beside_program(file_name);
  if (file.empty())
    return not_loaded("was not found beside this program nor in ../libexec/ratchet");
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* why = ::dlerror();
    return not_loaded(std::string("could not be loaded: ") + (why ? why : "no reason was given"));
  }
  const auto* found = static_cast<const caf_io*>(::dlsym(library, caf_io_symbol));
  if (!found) return not_loaded("is not of this build");
  return found;
}

}  // namespace

expected<const caf_io*> loaded_caf_io() {
  static const expected<const caf_io*> loaded = load();
  return loaded;
}

}  // namespace ratchet::net
