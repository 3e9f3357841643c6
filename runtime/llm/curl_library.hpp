// SPDX-License-Identifier: MIT
//
// libcurl, loaded by the first request to a model. It brings two dozen libraries along, which take
// longer to load than a step takes, and most processes speak to no model.
#pragma once

#include <curl/curl.h>

#include <string>

namespace ratchet {

/// What is used of it, by its own names.
struct curl_library {
  decltype(&::curl_global_init) global_init;
  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_setopt) easy_setopt;
  decltype(&::curl_easy_getinfo) easy_getinfo;
  decltype(&::curl_easy_strerror) easy_strerror;
  decltype(&::curl_multi_init) multi_init;
  decltype(&::curl_multi_cleanup) multi_cleanup;
  decltype(&::curl_multi_add_handle) multi_add_handle;
  decltype(&::curl_multi_remove_handle) multi_remove_handle;
  decltype(&::curl_multi_perform) multi_perform;
  decltype(&::curl_multi_poll) multi_poll;
  decltype(&::curl_multi_wakeup) multi_wakeup;
  decltype(&::curl_multi_info_read) multi_info_read;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_slist_free_all) slist_free_all;

  std::string missing;  ///< why it cannot be used; empty: it can
};

/// Loaded and started once for the process, and never unloaded.
const curl_library& libcurl();

}  // namespace ratchet
