// SPDX-License-Identifier: MIT
#include "runtime/http/server.hpp"

#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "tests/support/expected_printing.hpp"
#include "tests/support/raw_client.hpp"

namespace ratchet::http {
namespace {

using testing::raw_client;

/// A server with its loop on a thread of its own.
struct running_server {
  explicit running_server(handler handle, server_options options = {}) {
    auto opened = server::open(loop, std::move(options), std::move(handle));
    REQUIRE(opened);
    served = std::move(*opened);
    thread = std::thread([this] { loop.run(); });
  }
  ~running_server() {
    loop.stop();
    thread.join();
  }
  event_loop loop;
  std::unique_ptr<server> served;
  std::thread thread;
};

const std::string host = "Host: localhost\r\n";

void say_hello(const request& r, const std::shared_ptr<reply>& answer) {
  answer->send(200, "text/plain", r.method + " " + r.path + " " + r.body + "\n");
}

TEST_CASE("Requests on one connection are answered one after the other") {
  running_server s(say_hello);
  raw_client c(s.served->port());
  c.say("GET /a?x=1 HTTP/1.1\r\n" + host + "\r\n");
  CHECK(c.hear("GET /a \n").starts_with("HTTP/1.1 200"));
  c.say("POST /b HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\nhi");
  CHECK(c.hear("POST /b hi\n").starts_with("HTTP/1.1 200"));
}

TEST_CASE("What is no request is refused and the server lives") {
  running_server s(say_hello);
  CHECK([&] {
    raw_client c(s.served->port());
    c.say("nonsense\r\n\r\n");
    return c.hear("\n");
  }()
            .starts_with("HTTP/1.1 400"));
  CHECK([&] {
    raw_client c(s.served->port());
    c.say("POST / HTTP/1.1\r\n" + host + "Content-Length: 99999999\r\n\r\n");
    return c.hear("\n");
  }()
            .starts_with("HTTP/1.1 413"));
  CHECK([&] {
    raw_client c(s.served->port());
    c.say("GET / HTTP/1.1\r\nX: " + std::string(70'000, 'x'));
    return c.hear("\n");
  }()
            .starts_with("HTTP/1.1 431"));
  CHECK([&] {
    raw_client c(s.served->port());
    c.say("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    return c.hear("\n");
  }()
            .starts_with("HTTP/1.1 403"));
  raw_client c(s.served->port());
  c.say("GET /a HTTP/1.1\r\n" + host + "\r\n");
  CHECK(c.hear("GET /a \n").starts_with("HTTP/1.1 200"));
}

TEST_CASE("A stream is written in pieces, and the connection goes on after its end") {
  running_server s([](const request& r, const std::shared_ptr<reply>& answer) {
    if (r.path != "/stream") return say_hello(r, answer);
    answer->begin_stream();
    answer->write("data: 1\n\n");
    answer->write("data: 2\n\n");
    answer->end();
  });
  raw_client c(s.served->port());
  c.say("GET /stream HTTP/1.1\r\n" + host + "\r\n");
  auto all = c.hear("0\r\n\r\n");
  CHECK(all.find("text/event-stream") != std::string::npos);
  CHECK(all.find("9\r\ndata: 1\n\n\r\n") != std::string::npos);
  c.say("GET /a HTTP/1.1\r\n" + host + "\r\n");
  CHECK(c.hear("GET /a \n").starts_with("HTTP/1.1 200"));
}

TEST_CASE("A client that goes is noticed while its answer is awaited") {
  std::promise<void> gone;
  std::promise<void> asked;
  std::shared_ptr<reply> kept;
  running_server s([&](const request&, const std::shared_ptr<reply>& answer) {
    kept = answer;
    answer->when_gone([&] { gone.set_value(); });
    asked.set_value();
  });
  raw_client c(s.served->port());
  c.say("GET / HTTP/1.1\r\n" + host + "\r\n");
  asked.get_future().wait();
  c.hang_up();
  CHECK(gone.get_future().wait_for(std::chrono::seconds(60)) == std::future_status::ready);
}

TEST_CASE("A port that is taken is refused with its number") {
  running_server s(say_hello);
  event_loop loop;
  server_options same;
  same.port = s.served->port();
  auto second = server::open(loop, same, say_hello);
  REQUIRE(!second);
  CHECK(second.error().text.find(std::to_string(same.port)) != std::string::npos);
}

}  // namespace
}  // namespace ratchet::http
