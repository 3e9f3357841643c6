// SPDX-License-Identifier: MIT
//
// The protocol between one client and a service, in both of its eras:
//   legacy   begins with `initialize`; revisions 2024-11-05 to 2025-11-25
//   modern   every request says its revision in params._meta; 2026-07-28
// A client may use either, or probe one and go on in the other: each request is answered in the
// era it came in.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/mcp/json_rpc.hpp"
#include "runtime/mcp/service.hpp"

namespace ratchet::mcp {

inline constexpr std::array<std::string_view, 4> legacy_versions{"2025-11-25", "2025-06-18",
                                                                 "2025-03-26", "2024-11-05"};
inline constexpr std::array<std::string_view, 1> modern_versions{"2026-07-28"};

/// The revision that a modern request names in its params; empty when it names none.
std::string named_version(const json& params);

class connection : public std::enable_shared_from_this<connection> {
 public:
  /// `send` gets every message for the client; `about` is the id of the request that it answers or
  /// speaks of, null when it belongs to none.
  using sender = std::function<void(const json& message, const json& about)>;

  static std::shared_ptr<connection> open(service& offered, sender send);

  void receive(const rpc_message& message);
  /// Tool calls that have not been answered yet.
  std::size_t calls_under_way() const { return calls_.size(); }
  /// Cancels what is under way and sends nothing more.
  void close();
  /// Tells the client, if its level lets it through.
  void log(const std::string& level, const json& data);

 private:
  struct request_context;
  using request = std::shared_ptr<request_context>;

  connection(service& offered, sender send);

  void take(const rpc_request& r);
  void take(const rpc_notification& n);
  void take(const rpc_response&) {}  // we ask nothing of clients
  void take(const rpc_unreadable& u);
  void answer_modern(const request& r);
  void answer_legacy(const request& r);
  bool answer_common(const request& r);

  void initialize(const request& r);
  void call_tool(const request& r);
  void list(const request& r, const char* key, json items, bool lasting);
  void read_resource(const request& r);
  void subscribe(const request& r, bool wanted);
  void listen(const request& r);
  void get_prompt(const request& r);
  void complete(const request& r);
  void tasks(const request& r);
  void cancel(const json& id);

  call_notes notes_for(const request& r);
  void succeed(const request& r, json result);
  void refuse(const request& r, rpc_error code, const std::string& message, json data = nullptr);
  void send(const json& message, const json& about);

  service& service_;
  sender send_;
  bool closed_ = false;
  std::string log_level_ = "warning";
  std::string legacy_version_;  ///< empty until `initialize`
  json legacy_capabilities_ = json::object();
  /// By the id's JSON text, so that 1 and "1" differ.
  std::map<std::string, std::unique_ptr<running_call>> calls_;
  std::map<std::string, std::vector<std::shared_ptr<void>>> listens_;
  std::map<std::string, std::shared_ptr<void>> subscriptions_;  ///< by address; legacy
};

}  // namespace ratchet::mcp
