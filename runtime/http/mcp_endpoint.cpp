// SPDX-License-Identifier: MIT
#include "runtime/http/mcp_endpoint.hpp"

#include <algorithm>

#include "actors/logic/hex.hpp"
#include "runtime/http/mcp_headers.hpp"

namespace ratchet::http {

namespace {

constexpr const char* json_type = "application/json";
constexpr std::chrono::seconds keep_alive_interval{15};
/// Progress that the client does not read is left out; beyond the second limit it is given up.
constexpr std::size_t progress_limit = 1 << 20;
constexpr std::size_t stream_limit = 64 << 20;

std::string sse_message(const json& message) {
  return "event: message\ndata: " + mcp::one_line(message) + "\n\n";
}

void refuse(const std::shared_ptr<reply>& answer, int status, const json& id, mcp::rpc_error code,
            const std::string& why) {
  answer->send(status, json_type, mcp::one_line(mcp::rpc_failure(id, code, why)));
}

bool is_progress(const json& message) {
  return message.value("method", "") == "notifications/progress";
}

}  // namespace

/// One POST and its answer: a single JSON object, or a stream as soon as something else comes
/// first.
class mcp_endpoint::exchange {
 public:
  exchange(event_loop& loop, std::shared_ptr<reply> answer, headers more)
      : loop_(loop), answer_(std::move(answer)), more_(std::move(more)) {}

  void send(const json& message) {
    const bool last = message.contains("id") && !message.contains("method");
    if (last && !streaming_) {
      answer_->send(status_of(message), json_type, mcp::one_line(message), more_);
      return;
    }
    if (is_progress(message) && answer_->waiting_bytes() > progress_limit) return;
    if (!last && answer_->waiting_bytes() > stream_limit) return;
    stream();
    answer_->write(sse_message(message));
    if (last) answer_->end();
  }

  /// The request was cancelled: it is never answered, and nobody should wait for that.
  void end_unanswered() {
    stream();
    answer_->end();
  }

  /// Modern requests tell in the status what went wrong with the request itself.
  void tell_in_status(bool incomplete_meta) {
    modern_ = true;
    incomplete_meta_ = incomplete_meta;
  }

 private:
  int status_of(const json& message) const {
    if (!modern_ || !message.contains("error")) return 200;
    switch (static_cast<mcp::rpc_error>(message["error"].value("code", 0))) {
      case mcp::rpc_error::method_not_found:
        return 404;
      case mcp::rpc_error::unsupported_protocol_version:
      case mcp::rpc_error::missing_client_capability:
      case mcp::rpc_error::header_mismatch:
      case mcp::rpc_error::invalid_request:
        return 400;
      case mcp::rpc_error::invalid_params:
        return incomplete_meta_ ? 400 : 200;
      default:
        return 200;
    }
  }

  void stream() {
    if (streaming_) return;
    streaming_ = true;
    answer_->begin_stream(more_);
    std::weak_ptr<reply> weak = answer_;
    keep_alive_ = loop_.every(keep_alive_interval, [weak] {
      if (auto open = weak.lock()) open->write(": \n\n");
    });
  }

  event_loop& loop_;
  std::shared_ptr<reply> answer_;
  headers more_;
  bool streaming_ = false;
  bool modern_ = false;
  bool incomplete_meta_ = false;
  std::shared_ptr<void> keep_alive_;
};

/// A legacy client: its connection, the answers it waits for, and the stream it listens on.
struct mcp_endpoint::session {
  std::shared_ptr<mcp::connection> connection;
  std::map<std::string, std::shared_ptr<exchange>> waiting;  ///< by the id's JSON text
  std::shared_ptr<reply> listening;
  std::chrono::steady_clock::time_point used = std::chrono::steady_clock::now();

  /// Ends the answer to a request that was cancelled; nothing when it was answered before.
  void forget(const std::string& key) {
    auto it = waiting.find(key);
    if (it == waiting.end()) return;
    it->second->end_unanswered();
    waiting.erase(it);
  }

  void send(const json& message, const json& about) {
    auto it = about.is_null() ? waiting.end() : waiting.find(about.dump());
    if (it != waiting.end()) {
      auto to = it->second;
      if (message.contains("id") && !message.contains("method")) waiting.erase(it);
      return to->send(message);
    }
    if (listening && listening->open() && listening->waiting_bytes() < stream_limit)
      listening->write(sse_message(message));
  }
};

mcp_endpoint::mcp_endpoint(event_loop& loop, mcp::service& offered)
    : loop_(loop), service_(offered) {
  timer_ = loop_.every(std::chrono::seconds(60), [this] { forget_idle(); });
}

mcp_endpoint::~mcp_endpoint() {
  for (auto& [id, s] : sessions_) s->connection->close();
}

void mcp_endpoint::handle(const request& r, const std::shared_ptr<reply>& answer) {
  const bool legacy = !is_modern(r.header("mcp-protocol-version"));
  if (r.method == "POST") return post(r, answer);
  if (r.method == "GET" && legacy) return get(r, answer);
  if (r.method == "DELETE" && legacy) return remove(r, answer);
  answer->send(405, "text/plain; charset=utf-8", "POST one JSON-RPC message here\n",
               {{"Allow", "POST"}});
}

void mcp_endpoint::post(const request& r, const std::shared_ptr<reply>& answer) {
  if (!accepts(r, "application/json") || !accepts(r, "text/event-stream"))
    return refuse(answer, 406, nullptr, mcp::rpc_error::invalid_request,
                  "the Accept header must list application/json and text/event-stream");
  if (!r.header("content-type").starts_with("application/json"))
    return refuse(answer, 415, nullptr, mcp::rpc_error::invalid_request,
                  "the Content-Type must be application/json");
  auto message = mcp::parse_message(r.body);
  if (const auto* bad = std::get_if<mcp::rpc_unreadable>(&message)) {
    if (bad->answer.is_null()) return answer->send(400, "", "");
    return answer->send(400, json_type, mcp::one_line(bad->answer));
  }
  auto* incoming = std::get_if<mcp::rpc_request>(&message);
  const auto version = r.header("mcp-protocol-version");
  const bool modern_body = incoming && !mcp::named_version(incoming->params).empty();
  if (incoming && (modern_body || is_modern(version) || has_version_key(incoming->params)))
    return post_modern(r, std::move(*incoming), answer);
  if (!incoming && is_modern(version)) return answer->send(202, "", "");
  post_legacy(r, std::move(message), answer);
}

void mcp_endpoint::post_modern(const request& r, mcp::rpc_request message,
                               const std::shared_ptr<reply>& answer) {
  const bool incomplete = incomplete_meta(message.params);
  if (!incomplete)
    if (auto wrong = header_mismatch(r, message); !wrong.empty())
      return refuse(answer, 400, message.id, mcp::rpc_error::header_mismatch, wrong);
  auto one = std::make_shared<exchange>(loop_, answer, headers{});
  one->tell_in_status(incomplete);
  auto connection =
      mcp::connection::open(service_, [one](const json& m, const json&) { one->send(m); });
  // The connection lives as long as somebody waits for its answer.
  answer->when_gone([connection] { connection->close(); });
  connection->receive(std::move(message));
}

std::shared_ptr<mcp_endpoint::session> mcp_endpoint::open_session(std::string& id) {
  if (sessions_.size() >= max_sessions) {  // the one unused for longest makes room
    auto oldest = std::min_element(sessions_.begin(), sessions_.end(), [](auto& a, auto& b) {
      return a.second->used < b.second->used;
    });
    oldest->second->connection->close();
    sessions_.erase(oldest);
  }
  auto s = std::make_shared<session>();
  std::weak_ptr<session> weak = s;
  s->connection = mcp::connection::open(service_, [weak](const json& m, const json& about) {
    if (auto open = weak.lock()) open->send(m, about);
  });
  id = random_hex(32);
  sessions_.emplace(id, s);
  return s;
}

std::shared_ptr<mcp_endpoint::session> mcp_endpoint::find(const request& r,
                                                          const std::shared_ptr<reply>& answer) {
  const auto id = r.header("mcp-session-id");
  if (id.empty()) {
    refuse(answer, 400, nullptr, mcp::rpc_error::invalid_request,
           "the Mcp-Session-Id header is missing; initialize answers it");
    return nullptr;
  }
  auto it = sessions_.find(id);
  if (it == sessions_.end()) {
    refuse(answer, 404, nullptr, mcp::rpc_error::invalid_request,
           "this session has ended; begin a new one with initialize");
    return nullptr;
  }
  const auto version = r.header("mcp-protocol-version");
  const auto& known = mcp::legacy_versions;
  if (!version.empty() && std::find(known.begin(), known.end(), version) == known.end()) {
    refuse(answer, 400, nullptr, mcp::rpc_error::invalid_request,
           "the MCP-Protocol-Version header names no revision that this server speaks: " + version);
    return nullptr;
  }
  it->second->used = std::chrono::steady_clock::now();
  return it->second;
}

void mcp_endpoint::post_legacy(const request& r, mcp::rpc_message message,
                               const std::shared_ptr<reply>& answer) {
  auto* incoming = std::get_if<mcp::rpc_request>(&message);
  headers more;
  std::shared_ptr<session> s;
  if (incoming && incoming->method == "initialize") {
    std::string id;
    s = open_session(id);
    more.emplace_back("Mcp-Session-Id", id);
  } else if (!(s = find(r, answer))) {
    return;
  }
  if (!incoming) {
    answer->send(202, "", "");
    s->connection->receive(message);
    const auto* told = std::get_if<mcp::rpc_notification>(&message);
    if (told && told->method == "notifications/cancelled")
      s->forget(told->params.value("requestId", json()).dump());
    return;
  }
  const auto key = incoming->id.dump();
  if (s->waiting.contains(key))
    return refuse(answer, 400, incoming->id, mcp::rpc_error::invalid_request,
                  "a request with the id " + key + " is still under way");
  s->waiting[key] = std::make_shared<exchange>(loop_, answer, more);
  // Who goes does not cancel in this era, but is not written to any more.
  answer->when_gone([weak = std::weak_ptr<session>(s), key] {
    if (auto open = weak.lock()) open->waiting.erase(key);
  });
  s->connection->receive(message);
}

void mcp_endpoint::get(const request& r, const std::shared_ptr<reply>& answer) {
  if (!accepts(r, "text/event-stream"))
    return answer->send(406, "text/plain; charset=utf-8",
                        "the Accept header must list text/event-stream\n");
  if (r.header("mcp-session-id").empty())
    return answer->send(405, "text/plain; charset=utf-8", "POST one JSON-RPC message here\n",
                        {{"Allow", "POST"}});
  auto s = find(r, answer);
  if (!s) return;
  if (s->listening && s->listening->open()) s->listening->end();  // one stream a client
  s->listening = answer;
  answer->begin_stream();
  answer->write(": \n\n");
}

void mcp_endpoint::remove(const request& r, const std::shared_ptr<reply>& answer) {
  auto s = find(r, answer);
  if (!s) return;
  s->connection->close();
  if (s->listening) s->listening->end();
  sessions_.erase(r.header("mcp-session-id"));
  answer->send(204, "", "");
}

void mcp_endpoint::forget_idle() {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(sessions_, [&](auto& item) {
    auto& s = *item.second;
    const bool listens = s.listening && s.listening->open();
    if (listens) s.listening->write(": \n\n");
    if (listens || !s.waiting.empty() || now - s.used < session_patience) return false;
    s.connection->close();
    return true;
  });
}

}  // namespace ratchet::http
