// SPDX-License-Identifier: MIT
#include "actors/logic/egress_guard.hpp"

#include <doctest/doctest.h>

namespace ratchet {
namespace {

struct sample {
  const char* text;
  const char* kind;      ///< what is found; empty: nothing is
  const char* redacted;  ///< null: only that the kind is found
};

// Secrets are put together from pieces, so that no scanner takes this file for a leak.
const std::string pem = std::string("-----BEGIN RSA ") + "PRIVATE KEY-----\nMIIE\nabc\n";
const std::string aws = std::string("AKIA") + "IOSFODNN7EXAMPLE";
const std::string github = std::string("ghp") + "_abcdefghijklmnopqrstuvwxyz0123456789";
const std::string stripe = std::string("sk") + "_live_abcdefghijklmnop1234";
const std::string slack = std::string("xox") + "b-123456789012-abcdefGHIJ";
const std::string google = std::string("AIza") + "SyA1234567890abcdefghijklmnopqrstuv";
const std::string openai = std::string("sk") + "-proj-abcDEF1234567890abcdefXYZ";
const std::string openai_old = std::string("sk") + "-abcDEF1234567890abcdefXYZ12";
const std::string anthropic = std::string("sk") + "-ant-api03-abcDEF1234567890_xyz";
const std::string jwt = std::string("eyJ") + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_123";

const std::vector<sample>& positive() {
  static const std::vector<std::string> keep{"key " + aws, github,     stripe,    slack,     google,
                                             openai,       openai_old, anthropic, "t=" + jwt};
  static const std::vector<sample> table{
      {"mail jane.doe+x@mail.example.org now", "email", "mail [redacted:email] now"},
      {"<j@example.co>", "email", "<[redacted:email]>"},
      {"call +1 415 555 2671", "phone", "call [redacted:phone]"},
      {"+49 (30) 901820 office", "phone", nullptr},
      {"+14155552671", "phone", "[redacted:phone]"},
      {"(415) 555-2671", "phone", "[redacted:phone]"},
      {"at 415-555-2671.", "phone", "at [redacted:phone]."},
      {"ssn 078-05-1120", "social_security_number", nullptr},
      {"from 93.184.216.34:8080", "ip_address", "from [redacted:ip_address]:8080"},
      {"hosts 93.184.216.34, 93.184.216.35", "ip_address",
       "hosts [redacted:ip_address], [redacted:ip_address]"},
      {"card 4111 1111 1111 1111", "card", "card [redacted:card]"},
      {"5500-0000-0000-0004", "card", "[redacted:card]"},
      {"378282246310005", "card", "[redacted:card]"},
      {keep[0].c_str(), "aws_key", "key [redacted:aws_key]"},
      {keep[1].c_str(), "github_token", "[redacted:github_token]"},
      {keep[2].c_str(), "stripe_key", "[redacted:stripe_key]"},
      {keep[3].c_str(), "slack_token", "[redacted:slack_token]"},
      {keep[4].c_str(), "google_key", "[redacted:google_key]"},
      {keep[5].c_str(), "openai_key", "[redacted:openai_key]"},
      {keep[6].c_str(), "openai_key", "[redacted:openai_key]"},
      {keep[7].c_str(), "anthropic_key", "[redacted:anthropic_key]"},
      {keep[8].c_str(), "jwt", "t=[redacted:jwt]"},
      {"Authorization: Bearer abc123DEF456ghi789", "bearer_token",
       "Authorization: Bearer [redacted:bearer_token]"},
      {"DB_PASSWORD=hunter2horse", "password", "DB_PASSWORD=[redacted:password]"},
      {"\"password\": \"correct horse\"", "password", nullptr},
      {"api_key = 'a1b2c3d4e5f6a7b8c9'", "credential", "api_key = '[redacted:credential]'"},
      {"postgres://app:s3cretpw@db/prod", "url_credentials",
       "postgres://[redacted:url_credentials]@db/prod"},
      {"in /home/jane/project/train.py", "home_path", "in [redacted:home_path]/project/train.py"},
      {"/Users/jane.doe/x", "home_path", "[redacted:home_path]/x"},
      {"C:\\Users\\jane\\x", "home_path", "[redacted:home_path]\\x"},
      {pem.c_str(), "private_key", "[redacted:private_key]"},
  };
  return table;
}

TEST_CASE("personal data and secrets are found and taken out of a text, the rest stays") {
  for (const auto& s : positive()) {
    CAPTURE(s.text);
    std::vector<std::string> kinds;
    auto clean = redacted_text(s.text, kinds);
    REQUIRE(!kinds.empty());
    CHECK(kinds.front() == s.kind);
    if (s.redacted != nullptr) CHECK(clean == s.redacted);
    std::vector<std::string> again;
    CHECK(redacted_text(clean, again) == clean);
    CHECK(again.empty());
  }
}

TEST_CASE("what only looks like a secret is left alone") {
  for (const char* text : {"",
                           "3f2a9c0b71de",
                           "123456789012",
                           "4155552671",
                           "1700000000000",
                           "1700000000000000",
                           "550e8400-e29b-41d4-a716-446655440000",
                           "12345678-1234-1234-1234-123456789012",
                           "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                           "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                           "1.2.3",
                           "1.2.3.4",
                           "v10.11.12.13",
                           "version 10.20.30.40",
                           "torch==21.10.11.12",
                           "numpy-21.10.11.12",
                           "2026-01-31",
                           "2026-01-31T23:59:59.123Z",
                           "127.0.0.1:8080",
                           "10.1.2.3",
                           "192.168.1.20",
                           "172.20.0.5",
                           "0.0.0.0",
                           "255.255.255.255",
                           "999.1.2.300",
                           "4111 1111 1111 1112",
                           "1234567890123456",
                           "0.4111111111111111",
                           "4111111111111111.5",
                           "+17.5 %",
                           "latency 12.0 -> 14.1 (+17.5 %)",
                           "+1.23456789012",
                           "score +12345678",
                           "autoresearch.completed",
                           "tokens: 1234567890123456789",
                           "basic reimplementation of the loop",
                           "the password is checked later",
                           "password=$PASSWORD",
                           "api_key: <your key here, please>",
                           "user@localhost",
                           "a @ b",
                           "sk-learn and task-oriented",
                           "sklearn.ensemble.HistGradientBoosting",
                           "risk-adjusted-return-optimisation",
                           "https://example.org:8080/a@b",
                           "refs/heads/ratchet/3f2a9c0b71de",
                           "/home",
                           "/homework/x",
                           "secret=short",
                           "lr=0.0003 momentum=0.95 betas=(0.9, 0.999)"}) {
    CAPTURE(text);
    std::vector<std::string> kinds;
    CHECK(redacted_text(text, kinds) == text);
    CHECK(kinds.empty());
  }
}

TEST_CASE("every depth is looked at, keys and lists too") {
  json document{
      {"a", {{"b", {1, "ok", {{"c", "x@example.org"}}}}}}, {"y@example.org", 1}, {"n", nullptr}};
  auto guarded = guard_egress(document);
  CHECK(guarded.document == json{{"a", {{"b", {1, "ok", {{"c", "[redacted:email]"}}}}}},
                                 {"[redacted:email]", 1},
                                 {"n", nullptr}});
  REQUIRE(guarded.findings.size() == 2);
  CHECK(guarded.findings[0].where == "/a/b/2/c");
  CHECK(describe(guarded.findings) == "/a/b/2/c (email), / (email)");
}

TEST_CASE("the value of a key that names a secret is one, whatever it looks like") {
  auto guarded = guard_egress(json{{"db_password", "x"},
                                   {"apiKey", "y"},
                                   {"token", "z"},
                                   {"tokens", "many"},
                                   {"public_key", "3f2a"},
                                   {"secret", ""}});
  CHECK(guarded.document["db_password"] == "[redacted:credential]");
  CHECK(guarded.document["apiKey"] == "[redacted:credential]");
  CHECK(guarded.document["token"] == "[redacted:credential]");
  CHECK(guarded.document["tokens"] == "many");
  CHECK(guarded.document["public_key"] == "3f2a");
  CHECK(guarded.document["secret"] == "");
}

TEST_CASE("keys that become the same by redaction keep their values apart") {
  auto guarded = guard_egress(json{{"a@example.org", 1}, {"b@example.org", 2}});
  CHECK(guarded.document == json{{"[redacted:email]", 1}, {"[redacted:email] 2", 2}});
}

TEST_CASE("a clean document comes back as it was") {
  json document{{"session_id", "3f2a9c0b71de"}, {"best", 1.5}, {"list", {1, "two", nullptr, true}}};
  auto guarded = guard_egress(document);
  CHECK(guarded.clean());
  CHECK(guarded.document == document);
}

TEST_CASE("a redacted document is clean") {
  json document;
  for (const auto& s : positive()) document.push_back(s.text);
  auto guarded = guard_egress(document);
  CHECK(guarded.findings.size() >= positive().size());
  CHECK(guard_egress(guarded.document).clean());
}

}  // namespace
}  // namespace ratchet
