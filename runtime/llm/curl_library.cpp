// SPDX-License-Identifier: MIT
#include "runtime/llm/curl_library.hpp"

#include <dlfcn.h>

namespace ratchet {

namespace {

constexpr const char* curl_file = "libcurl.so.4";  // its interface since 2006

template <class Function>
void find_in(void* library, const char* name, Function& function, std::string& missing) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  if (!function && missing.empty())
    missing = std::string(curl_file) + " has no " + name + "; install libcurl 7.85 or newer";
}

curl_library load_curl() {
  curl_library c{};
  void* library = ::dlopen(curl_file, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* why = ::dlerror();
    c.missing = std::string("libcurl could not be loaded (") + (why ? why : curl_file) +
                "); install it, on Debian the package libcurl4";
    return c;
  }
  find_in(library, "curl_global_init", c.global_init, c.missing);
  find_in(library, "curl_easy_init", c.easy_init, c.missing);
  find_in(library, "curl_easy_cleanup", c.easy_cleanup, c.missing);
  find_in(library, "curl_easy_setopt", c.easy_setopt, c.missing);
  find_in(library, "curl_easy_getinfo", c.easy_getinfo, c.missing);
  find_in(library, "curl_easy_strerror", c.easy_strerror, c.missing);
  find_in(library, "curl_multi_init", c.multi_init, c.missing);
  find_in(library, "curl_multi_cleanup", c.multi_cleanup, c.missing);
  find_in(library, "curl_multi_add_handle", c.multi_add_handle, c.missing);
  find_in(library, "curl_multi_remove_handle", c.multi_remove_handle, c.missing);
  find_in(library, "curl_multi_perform", c.multi_perform, c.missing);
  find_in(library, "curl_multi_poll", c.multi_poll, c.missing);
  find_in(library, "curl_multi_wakeup", c.multi_wakeup, c.missing);
  find_in(library, "curl_multi_info_read", c.multi_info_read, c.missing);
  find_in(library, "curl_slist_append", c.slist_append, c.missing);
  find_in(library, "curl_slist_free_all", c.slist_free_all, c.missing);
  if (c.missing.empty() && c.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    c.missing = "libcurl could not be started";
  return c;
}

}  // namespace

const curl_library& libcurl() {
  static const curl_library loaded = load_curl();
  return loaded;
}

}  // namespace ratchet
