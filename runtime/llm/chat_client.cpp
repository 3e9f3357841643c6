// SPDX-License-Identifier: MIT
#include "runtime/llm/chat_client.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "actors/logic/text.hpp"
#include "actors/logic/usage.hpp"
#include "runtime/llm/secret.hpp"

namespace ratchet {

namespace {

constexpr std::size_t max_error_bytes = 64 * 1024;

bool is_stream(const http_outcome& so_far) {
  auto it = so_far.headers.find("content-type");
  return it != so_far.headers.end() && it->second.find("text/event-stream") != std::string::npos;
}

/// What a reasoning model thought aloud before its answer.
std::string without_thoughts(std::string text) {
  auto begin = text.find_first_not_of(" \t\r\n");
  constexpr std::string_view open = "<think>", close = "</think>";
  if (begin == std::string::npos || text.compare(begin, open.size(), open) != 0) return text;
  auto end = text.find(close);
  return end == std::string::npos ? text : text.substr(end + close.size());
}

edit_usage no_calls(const std::string& model) {
  edit_usage usage;
  usage.model = model;
  usage.calls = 0;
  return usage;
}

}  // namespace

struct chat_client::attempt {
  bool answered = false;
  std::string text;
  chat_finish finish = chat_finish::none;
  call_verdict verdict;
  chat_error error;
  int status = 0;
  edit_usage usage;
};

chat_client::chat_client(std::shared_ptr<http_port> http, chat_limits limits,
                         std::function<double()> draw)
    : http_(std::move(http)), limits_(limits), draw_(std::move(draw)) {}

chat_client::attempt chat_client::try_once(const chat_model& model, const std::string& key,
                                           const chat_request& request, const chat_quirks& quirks,
                                           std::stop_token stop) const {
  http_request post{
      chat_url(model),
      chat_headers(model, key),
      chat_body(model, request, quirks).dump(-1, ' ', false, json::error_handler_t::replace),
      limits_.connect_timeout_s,
      limits_.idle_timeout_s,
      limits_.timeout_s};
  auto reader = make_chat_reader(model.api);
  sse_reader events;
  std::string document;
  std::size_t bytes_back = 0;
  auto take_event = [&](const sse_event& e) { reader->take(e); };
  auto outcome = http_->post(
      post,
      [&](const http_outcome& so_far, std::string_view bytes) {
        bytes_back += bytes.size();
        // A server may answer a stream's request with one document, and an error always so.
        if (so_far.status == 200 && is_stream(so_far))
          events.feed(bytes, take_event);
        else if (so_far.status == 200 || document.size() < max_error_bytes)
          document += bytes;
      },
      stop);
  attempt a;
  a.status = outcome.status;
  bool fine = outcome.end == http_end::answered && outcome.status == 200;
  if (fine && document.empty()) events.finish(take_event);
  if (fine && !document.empty()) {
    const json whole = json::parse(document, nullptr, false);
    if (!whole.is_discarded()) {
      reader->take_document(whole);
    } else if (document.starts_with("data:") || document.starts_with("event:")) {
      events.feed(document, take_event);  // a stream that was not called one
      events.finish(take_event);
    } else {
      reader->malformed = true;
    }
  }
  if (outcome.end == http_end::answered && outcome.status != 200)
    a.error = read_chat_error(document);
  if (reader->error) a.error = *reader->error;
  // A stream that ended in order but for its end mark may lack anything; a whole reply has both.
  bool whole = fine && !reader->error && !reader->malformed &&
               (reader->ended || reader->finish != chat_finish::none);
  if (whole) {
    a.answered = true;
    a.text = without_thoughts(std::move(reader->text));
    a.finish = reader->finish;
  } else if (fine && !reader->error) {
    a.verdict = {
        call_failure::transient,
        reader->malformed ? "the answer could not be read" : "the answer broke off before its end",
        {}};
  } else {
    a.verdict = judge_failure(outcome, a.error);
  }
  a.verdict.what = without_key(std::move(a.verdict.what), key);
  // An error answer costs nothing; a request that was sent and not refused may have been worked on.
  bool refused = outcome.end == http_end::answered && outcome.status != 200;
  bool nothing = fine && !whole && reader->text.empty();
  if (!outcome.sent || refused || nothing) {
    a.usage = no_calls(model.model);
  } else {
    if (!whole) reader->usage.output.reset();  // what had come by then was not all of it
    a.usage = usage_of_call(model.model, reader->usage, model.price, post.body.size(),
                            whole || fine ? a.text.size() : bytes_back);
  }
  return a;
}

chat_result chat_client::ask(const chat_model& model, const std::string& key,
                             const chat_request& request,
                             const std::function<bool(const edit_usage& so_far)>& may_go_on,
                             std::stop_token stop) const {
  chat_result result;
  result.usage = no_calls(model.model);
  chat_quirks quirks;
  double waited_s = 0;
  const std::string name = one_line(valid_utf8(model.model), 80);
  for (int retry = 0;;) {
    auto a = try_once(model, key, request, quirks, stop);
    result.usage = joined(std::move(result.usage), a.usage);
    if (a.answered) {
      result.answered = true;
      result.text = std::move(a.text);
      result.finish = a.finish;
      return result;
    }
    result.failure = a.verdict.kind;
    result.what = "model " + name + ": " + a.verdict.what;
    if (a.verdict.kind == call_failure::cancelled) return result;
    if (auto fitting = adapted(quirks, a.status, a.error); fitting != quirks) {
      quirks = fitting;
      continue;
    }
    if (a.verdict.kind != call_failure::transient) return result;
    auto pause = pause_before(++retry, waited_s, a.verdict.retry_after_s, draw_(), limits_.retry);
    if (!pause) {
      if (a.verdict.retry_after_s && retry <= limits_.retry.retries)
        result.what += "; it asks to wait " + shortest(*a.verdict.retry_after_s) +
                       " s, more than max_retry_wait_s allows";
      else if (retry > 1)
        result.what += "; given up after " + std::to_string(retry) + " attempts";
      return result;
    }
    if (!may_go_on(result.usage)) {
      result.what += "; not tried again, as that might go over the session's budget";
      return result;
    }
    spdlog::warn("{}; trying again in {:.1f} s ({} of {})", result.what, *pause, retry,
                 limits_.retry.retries);
    waited_s += *pause;
    if (!http_->pause(*pause, stop)) {
      result.failure = call_failure::cancelled;
      result.what = "model " + name + ": cancelled";
      return result;
    }
  }
}

}  // namespace ratchet
