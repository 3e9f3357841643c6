// SPDX-License-Identifier: MIT
//
// libcurl's client against a real server on this machine, one that also behaves badly.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <thread>

#include "runtime/llm/http.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using ratchet::testing::contains;
using server = ratchet::testing::http_server;

namespace {

struct posted {
  http_outcome outcome;
  std::string body;
};

posted post(const std::string& url, std::stop_token stop = {},
            const std::function<void(http_request&)>& change = nullptr) {
  http_request request{url + "/chat/completions", {"X-Test: one"}, "{\"n\": 1}"};
  if (change) change(request);
  posted p;
  auto sink = [&](const http_outcome&, std::string_view bytes) { p.body += bytes; };
  p.outcome = make_http_client()->post(request, sink, stop);
  return p;
}

}  // namespace

TEST_CASE("a request arrives whole and its answer comes back with status and headers") {
  server s({server::reply(200, "{\"ok\": true}", "X-Kind: good\r\n")});
  std::string sent(300'000, 'x');
  auto p = post(s.url(), {}, [&](http_request& r) { r.body = sent; });
  CHECK(p.outcome.end == http_end::answered);
  CHECK(p.outcome.sent);
  CHECK(p.outcome.status == 200);
  CHECK(p.outcome.headers["x-kind"] == "good");
  CHECK(p.body == "{\"ok\": true}");
  auto seen = s.requests().at(0);
  CHECK(seen.line == "POST /v1/chat/completions HTTP/1.1");
  CHECK(seen.body == sent);
  CHECK(seen.headers["x-test"] == "one");
  CHECK(seen.headers.count("expect") == 0);
}

TEST_CASE("an error status is an answer, and Retry-After is read as seconds or as a date") {
  server s({server::reply(429, "{}", "Retry-After: 7\r\n"),
            server::reply(503, "{}", "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT\r\n"),
            server::reply(500, "{}")});
  auto p = post(s.url());
  CHECK(p.outcome.end == http_end::answered);
  CHECK(p.outcome.status == 429);
  CHECK(p.outcome.retry_after_s == 7);
  CHECK(post(s.url()).outcome.retry_after_s.value_or(0) > 1e6);
  CHECK_FALSE(post(s.url()).outcome.retry_after_s);
}

TEST_CASE("redirects are not followed: a key goes to the address that was named only") {
  server other({server::reply(200, "{}")});
  server s({server::reply(307, "", "Location: " + other.url() + "\r\n")});
  CHECK(post(s.url()).outcome.status == 307);
  CHECK(other.requests().empty());
}

TEST_CASE("a connection that breaks before or inside the answer is told from one that never was") {
  server s({server::disconnect(), server::cut("data: {}\n\n")});
  auto before = post(s.url());
  CHECK(before.outcome.end == http_end::cut);
  CHECK(before.outcome.sent);
  CHECK(before.outcome.status == 0);
  auto inside = post(s.url());
  CHECK(inside.outcome.end == http_end::cut);
  CHECK(inside.outcome.status == 200);
  CHECK(inside.body == "data: {}\n\n");
  std::string gone;
  {
    server short_lived({server::reply(200, "{}")});
    gone = short_lived.url();
  }
  auto never = post(gone);
  CHECK(never.outcome.end == http_end::unreachable);
  CHECK_FALSE(never.outcome.sent);
  CHECK_FALSE(never.outcome.error.empty());
  CHECK(post("http://no-such-host.invalid/v1").outcome.end == http_end::unreachable);
  CHECK(post("file:///etc").outcome.end == http_end::unreachable);
}

TEST_CASE("a server that says nothing, or nothing more, is given up after the idle time") {
  server s({server::silent(), server::silent("data: {}\n\n")});
  auto impatient = [](http_request& r) { r.idle_timeout_s = 0.2; };
  auto nothing = post(s.url(), {}, impatient);
  CHECK(nothing.outcome.end == http_end::idle);
  CHECK(nothing.outcome.sent);
  CHECK(contains(nothing.outcome.error, "0.2 s"));
  auto stopped = post(s.url(), {}, impatient);
  CHECK(stopped.outcome.end == http_end::idle);
  CHECK(stopped.body == "data: {}\n\n");
}

TEST_CASE("the time for the whole holds however busy the connection is") {
  server s({[](const server::request&, server::peer& p) {
    p.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    for (int i = 0; i < 2'000'000; ++i) p.send(": still here\n");
  }});
  auto p = post(s.url(), {}, [](http_request& r) {
    r.timeout_s = 0.3;
    r.max_bytes = std::size_t{1} << 40;
  });
  CHECK(p.outcome.end == http_end::timed_out);
}

TEST_CASE("an answer without end is given up at its bound") {
  server s({[](const server::request&, server::peer& p) {
    p.send("HTTP/1.1 200 OK\r\n\r\n");
    for (int i = 0; i < 10'000; ++i) p.send(std::string(10'000, 'x'));
  }});
  auto p = post(s.url(), {}, [](http_request& r) { r.max_bytes = 100'000; });
  CHECK(p.outcome.end == http_end::too_long);
  CHECK(p.body.size() <= 100'000);
}

TEST_CASE("a cancellation ends a request that waits, at once") {
  server s({server::silent()});
  std::stop_source stop;
  std::jthread canceller([&] {
    s.wait_for_requests(1);
    stop.request_stop();
  });
  auto p = post(s.url(), stop.get_token());
  CHECK(p.outcome.end == http_end::cancelled);
  CHECK(p.outcome.sent);
  std::stop_source before;
  before.request_stop();
  CHECK(post(s.url(), before.get_token()).outcome.end == http_end::cancelled);
}

TEST_CASE("a pause ends when it is over, or with a cancellation") {
  auto client = make_http_client();
  CHECK(client->pause(0.001, {}));
  std::stop_source stop;
  std::jthread canceller([&] { stop.request_stop(); });
  CHECK_FALSE(client->pause(3600, stop.get_token()));
}

TEST_CASE("this machine is told from others by the address alone") {
  for (const char* here : {"http://localhost/v1", "http://localhost:80", "http://127.0.0.1:9/x",
                           "http://127.8.8.8", "https://[::1]:1/v1"})
    CHECK(is_loopback(here));
  for (const char* there : {"http://localhost.example.com", "http://127.0.0.1.example.com/",
                            "http://10.0.0.1", "http://example.com/localhost", "localhost", ""})
    CHECK_FALSE(is_loopback(there));
}
