// SPDX-License-Identifier: MIT
//
// ratchet.h for C++17, header only: handles that close themselves, std::string in and out, a failed
// open as an exception. JSON stays text, so that every JSON library fits.
#pragma once

#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include <ratchet.h>

namespace ratchet::c {

/// What ratchet_open answered: {"error", "code", …}.
class open_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline std::string take(char* text) {
  std::string copy = text ? text : "";
  ratchet_free(text);
  return copy;
}

class runtime {
 public:
  /// `options`: the JSON object of ratchet_open. Throws open_error.
  explicit runtime(const std::string& options = "{}") {
    char* error = nullptr;
    ratchet_runtime* opened = nullptr;
    if (ratchet_open(options.c_str(), &opened, &error) != 0) throw open_error(take(error));
    handle_.reset(opened);
  }

  std::string call(const std::string& tool, const std::string& arguments = "{}") {
    return take(ratchet_call(handle_.get(), tool.c_str(), arguments.c_str()));
  }
  void cancel(const std::string& session_id) { ratchet_cancel(handle_.get(), session_id.c_str()); }

  /// The same without waiting: `answered` gets the answer, once, from a thread of the runtime or,
  /// when the arguments are refused, from this call; it must not block. The function that is
  /// returned ends the step; it must not outlive the runtime.
  std::function<void()> start_call(const std::string& tool, const std::string& arguments,
                                   std::function<void(const std::string&)> answered) {
    using listener = std::function<void(const std::string&)>;
    auto tell = std::make_unique<listener>(std::move(answered));
    auto* call = ratchet_start_call(
        handle_.get(), tool.c_str(), arguments.c_str(),
        [](const char* answer, void* user) {
          std::unique_ptr<listener> once(static_cast<listener*>(user));
          (*once)(answer);
        },
        tell.get());
    if (!call) throw std::bad_alloc();
    (void)tell.release();  // it may be gone already, with the answer
    return [held = std::shared_ptr<ratchet_pending_call>(call, ratchet_free_call)] {
      ratchet_cancel_call(held.get());
    };
  }

  /// `deliver` gets every event as JSON text, until the token is destroyed; the token must not
  /// outlive the runtime. Null when the filter is refused.
  std::shared_ptr<void> subscribe(const std::string& filter,
                                  std::function<void(const std::string&)> deliver) {
    struct listener {
      std::function<void(const std::string&)> deliver;
      ratchet_subscription* subscription = nullptr;
      ~listener() {
        if (subscription) ratchet_unsubscribe(subscription);
      }
    };
    auto l = std::make_shared<listener>();
    l->deliver = std::move(deliver);
    l->subscription = ratchet_subscribe(
        handle_.get(), filter.c_str(),
        [](const char* event, void* user) { static_cast<listener*>(user)->deliver(event); },
        l.get());
    if (!l->subscription) return nullptr;
    return l;
  }

  static std::string tools() { return take(ratchet_tools()); }
  static std::string version() { return ratchet_version(); }

 private:
  struct closer {
    void operator()(ratchet_runtime* opened) const { ratchet_close(opened); }
  };
  std::unique_ptr<ratchet_runtime, closer> handle_;
};

}  // namespace ratchet::c
