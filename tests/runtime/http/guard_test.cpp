// SPDX-License-Identifier: MIT
#include "runtime/http/guard.hpp"

#include <doctest/doctest.h>

namespace ratchet::http {
namespace {

int status_of(std::map<std::string, std::string> headers, server_options options = {}) {
  request r;
  r.headers = std::move(headers);
  auto refused = refusal(r, options, 8080);
  return refused ? refused->status : 200;
}

TEST_CASE("Only the loopback's own names are served") {
  CHECK(status_of({{"host", "localhost:8080"}}) == 200);
  CHECK(status_of({{"host", "127.0.0.1:8080"}}) == 200);
  CHECK(status_of({{"host", "[::1]:8080"}}) == 200);
  CHECK(status_of({{"host", "LOCALHOST"}}) == 200);
  CHECK(status_of({{"host", "evil.example:8080"}}) == 403);
  CHECK(status_of({{"host", "localhost.evil.example"}}) == 403);
  CHECK(status_of({}) == 403);
  server_options named;
  named.host_names = {"lab.example"};
  CHECK(status_of({{"host", "lab.example:8080"}}, named) == 200);
}

TEST_CASE("A web page of another origin is refused, one of this machine is not") {
  CHECK(status_of({{"host", "localhost"}, {"origin", "http://localhost:3000"}}) == 200);
  CHECK(status_of({{"host", "localhost"}, {"origin", "http://evil.example"}}) == 403);
  CHECK(status_of({{"host", "localhost"}, {"origin", "null"}}) == 403);
}

TEST_CASE("Where a token is asked for it must be the right one") {
  server_options secret;
  secret.token = "0123456789abcdef";
  CHECK(status_of({{"host", "localhost"}}, secret) == 401);
  CHECK(status_of({{"host", "localhost"}, {"authorization", "Bearer 0123456789abcdeX"}}, secret) ==
        401);
  CHECK(status_of({{"host", "localhost"}, {"authorization", "0123456789abcdef"}}, secret) == 401);
  CHECK(status_of({{"host", "localhost"}, {"authorization", "Bearer 0123456789abcdef"}}, secret) ==
        200);
  CHECK(!equal_secrets("", "x"));
  CHECK(!equal_secrets("x", ""));
}

TEST_CASE("A query is decoded") {
  auto q = read_query("after=12&topic=autoresearch.%2A&topic=a+b&flag&=&bad=%zz");
  REQUIRE(q.size() == 6);
  CHECK(q[0] == std::pair<std::string, std::string>("after", "12"));
  CHECK(q[1].second == "autoresearch.*");
  CHECK(q[2].second == "a b");
  CHECK(q[3] == std::pair<std::string, std::string>("flag", ""));
  CHECK(q[5].second == "%zz");
}

}  // namespace
}  // namespace ratchet::http
