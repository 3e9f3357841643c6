// SPDX-License-Identifier: MIT
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <set>

#include "messages/version.hpp"
#include "runtime/c_api/ratchet.h"
#include "runtime/embed/runtime.hpp"
#include "runtime/process/process_runner.hpp"
#include "runtime/tools/cloud_event.hpp"
#include "runtime/tools/tools.hpp"

#ifndef RATCHET_LAUNCHER_FROM_LIBRARY
#define RATCHET_LAUNCHER_FROM_LIBRARY "../libexec/ratchet/ratchet-launcher"
#endif

struct ratchet_runtime {
  std::unique_ptr<ratchet::runtime> runtime;
};

struct ratchet_pending_call {
  ratchet::pending_call call;
};

struct ratchet_subscription {
  std::shared_ptr<void> token;
};

namespace {

using ratchet::errc;
using ratchet::expected;
using ratchet::fail;
using ratchet::json;

char* copy_of(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

char* text_of(const json& value) { return copy_of(ratchet::to_text(value)); }

/// Nothing escapes into C: what is thrown becomes an error answer.
template <class Work>
char* answered(Work work) noexcept {
  try {
    return text_of(work());
  } catch (const std::exception&) {
    return copy_of(
        "{\"error\":\"out of memory or a bug; please report it\",\"code\":\"internal\"}");
  }
}

expected<> read_object(const char* text, const char* what, json& object) {
  object = text && *text ? json::parse(text, nullptr, false) : json::object();
  if (!object.is_object())
    return fail(errc::invalid_argument, std::string(what) + " must be a JSON object");
  return {};
}

expected<> check_keys(const json& object, const char* what, const std::set<std::string>& known) {
  for (const auto& [key, value] : object.items())
    if (!known.contains(key)) {
      std::string names;
      for (const auto& name : known) names += " " + name;
      return fail(errc::invalid_argument,
                  std::string(what) + " has no \"" + key + "\"; there are" + names,
                  json{{"field", key}});
    }
  return {};
}

/// The launcher that was installed with this library; empty when there is none.
std::filesystem::path launcher_of_this_library() {
  Dl_info here{};
  if (!dladdr(reinterpret_cast<const void*>(&ratchet_open), &here) || !here.dli_fname) return {};
  std::error_code error;
  auto library = std::filesystem::canonical(here.dli_fname, error);
  if (error) return {};
  auto launcher = library.parent_path() / RATCHET_LAUNCHER_FROM_LIBRARY;
  return std::filesystem::is_regular_file(launcher, error) ? launcher.lexically_normal()
                                                           : std::filesystem::path();
}

expected<ratchet::runtime_options> read_options(const char* text) {
  json object;
  if (auto ok = read_object(text, "the options", object); !ok) return ok.error();
  if (auto ok = check_keys(object, "the options", {"launcher", "slots", "state_dir"}); !ok)
    return ok.error();
  ratchet::runtime_options options;
  for (const auto& [key, value] : object.items()) {
    if (key == "slots") {
      if (!value.is_number_integer() || value < 1 || value > 1024)
        return fail(errc::invalid_argument,
                    "slots must be a whole number from 1 to 1024, not " + value.dump(),
                    json{{"field", "slots"}});
      options.slots = value.get<int>();
    } else if (!value.is_string()) {
      return fail(errc::invalid_argument, key + " must be text, not " + value.dump(),
                  json{{"field", key}});
    } else {
      (key == "launcher" ? options.launcher : options.state_dir) = value.get<std::string>();
    }
  }
  if (options.launcher.empty() && ratchet::find_launcher().empty())
    options.launcher = launcher_of_this_library();
  return options;
}

/// Throws json::exception when a value is of the wrong kind.
expected<ratchet::subscription> read_filter(const char* text) {
  json object;
  if (auto ok = read_object(text, "the filter", object); !ok) return ok.error();
  if (auto ok = check_keys(object, "the filter", {"after_seq", "session_id", "topics"}); !ok)
    return ok.error();
  ratchet::subscription wanted;
  wanted.after_seq = object.value("after_seq", std::int64_t{-1});  // from now on
  wanted.session_id = object.value("session_id", "");
  wanted.topics = object.value("topics", std::vector<std::string>{"*"});
  return wanted;
}

}  // namespace

int ratchet_abi_version(void) { return RATCHET_ABI_VERSION; }

const char* ratchet_version(void) { return ratchet::program_version(); }

int ratchet_open(const char* options, ratchet_runtime** opened, char** error) {
  auto refuse = [error](const ratchet::failure& why) {
    if (error) *error = text_of(ratchet::error_answer(why));
    return 1;
  };
  try {
    if (error) *error = nullptr;
    if (!opened) return refuse(fail(errc::invalid_argument, "`opened` must not be NULL"));
    *opened = nullptr;
    auto read = read_options(options);
    if (!read) return refuse(read.error());
    auto runtime = ratchet::runtime::open(*read);
    if (!runtime) return refuse(runtime.error());
    *opened = new ratchet_runtime{std::move(*runtime)};
    return 0;
  } catch (const std::exception&) {
    if (error)
      *error = copy_of(
          "{\"error\":\"the runtime could not be opened: out of memory or "
          "threads\",\"code\":\"internal\"}");
    return 1;
  }
}

char* ratchet_call(ratchet_runtime* runtime, const char* tool, const char* arguments) {
  return answered([&]() -> json {
    if (!runtime || !tool)
      return ratchet::error_answer(
          fail(errc::invalid_argument, "runtime and tool must not be NULL"));
    json object;
    if (auto ok = read_object(arguments, "the arguments", object); !ok)
      return ratchet::error_answer(ok.error());
    return runtime->runtime->call(tool, object);
  });
}

ratchet_pending_call* ratchet_start_call(ratchet_runtime* runtime, const char* tool,
                                         const char* arguments, ratchet_answered answered,
                                         void* user) try {
  if (!runtime || !tool || !answered) return nullptr;
  auto call = std::make_unique<ratchet_pending_call>();
  auto tell = [answered, user](const json& answer) {
    answered(ratchet::to_text(answer).c_str(), user);
  };
  json object;
  if (auto ok = read_object(arguments, "the arguments", object); !ok)
    tell(ratchet::error_answer(ok.error()));
  else
    call->call = runtime->runtime->start_call(tool, object, -1, tell);
  return call.release();
} catch (const std::exception&) {
  return nullptr;
}

void ratchet_cancel_call(ratchet_pending_call* call) {
  if (call) call->call.cancel();
}

void ratchet_free_call(ratchet_pending_call* call) { delete call; }

char* ratchet_tools(void) {
  return answered([] { return ratchet::describe_tools(); });
}

void ratchet_cancel(ratchet_runtime* runtime, const char* session_id) {
  if (runtime && session_id) runtime->runtime->cancel(session_id);
}

ratchet_subscription* ratchet_subscribe(ratchet_runtime* runtime, const char* filter,
                                        ratchet_deliver deliver, void* user) try {
  if (!runtime || !deliver) return nullptr;
  auto wanted = read_filter(filter);
  if (!wanted) return nullptr;
  auto token = runtime->runtime->subscribe(*wanted, [deliver, user](const ratchet::event& e) {
    deliver(ratchet::to_text(ratchet::cloud_event(e)).c_str(), user);
  });
  return new ratchet_subscription{std::move(token)};
} catch (const std::exception&) {
  return nullptr;  // a filter with values of the wrong kind
}

void ratchet_unsubscribe(ratchet_subscription* subscription) { delete subscription; }

void ratchet_close(ratchet_runtime* runtime) { delete runtime; }

void ratchet_free(char* text) { std::free(text); }
