// SPDX-License-Identifier: MIT
#include "actors/logic/delta_checks.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "actors/logic/delta_envelope.hpp"
#include "actors/logic/learning_delta.hpp"
#include "actors/logic/sha256.hpp"
#include "actors/logic/shared_recipes.hpp"

#include "tests/support/expected_printing.hpp"

namespace ratchet {
namespace {

constexpr std::int64_t now = 1'700'000'000'000;
const std::string node(64, 'a');
const std::string other(64, 'b');

/// No cryptography here: who knows the node's id can sign.
std::string sign_as(const std::string& id, std::string_view bytes) {
  auto half = sha256_hex(id + std::string(bytes));
  return half + half;
}

recipe won() {
  recipe r;
  r.session_id = "0123456789ab";
  r.experiment_id = "exp";
  r.iteration = 3;
  r.metric_name = "accuracy";
  r.before = 1;
  r.after = 2;
  r.hypothesis = "a greater step";
  r.target_file = "train.py";
  r.changes = json::parse(R"([{"path": "train.py", "search": "x = 1\n", "replace": "x = 2\n"}])");
  r.time = "2026-01-01T00:00:00.000Z";
  return r;
}

json delta() {
  progress p;
  p.session_id = "0123456789ab";
  p.baseline_metric = 1.5;
  p.best_metric = 2.5;
  p.total_improvements = 3;
  p.iteration = 40;
  session_settings s;
  s.experiment_id = "exp";
  s.metric_name = "accuracy";
  auto d = learning_delta(p, s, {{"autoresearch", "mutate", 0.25, 1.5, 40}}, now);
  (*d)["recipes"] = json::array({won()});
  return *d;
}

delta_context context() {
  delta_context c;
  c.connected_node = node;
  c.now_ms = now;
  c.is_signed_by = [](const std::string& id, std::string_view bytes, const std::string& s) {
    return s == sign_as(id, bytes);
  };
  c.find_peer = [](const std::string& id) -> std::optional<delta_sender> {
    if (id != node) return std::nullopt;
    return delta_sender{6, std::string(64, '0'), 0};
  };
  return c;
}

json sealed(json d, std::int64_t sequence = 7, std::int64_t sent = now,
            const std::string& as = node) {
  auto e = sealed_delta(std::move(d), as, sequence, sent,
                        [&](std::string_view bytes) { return sign_as(as, bytes); });
  REQUIRE(e);
  return *e;
}

std::string reason_of(const delta_verdict& v) {
  auto* why = std::get_if<delta_refusal>(&v);
  if (!why) return "accepted";
  CHECK(!why->text.empty());
  return why->reason;
}
std::string verdict(const json& envelope, const delta_context& c = context()) {
  return reason_of(check_delta(envelope, c));
}
/// Changed before it was signed: the sender itself says so.
std::string verdict_with(const std::function<void(json&)>& change) {
  json d = delta();
  change(d);
  return verdict(sealed(std::move(d)));
}

TEST_CASE("a sound delta is accepted, with its scores and recipes") {
  auto v = check_delta(sealed(delta()), context());
  REQUIRE(reason_of(v) == "accepted");
  const auto& d = std::get<checked_delta>(v);
  CHECK(d.node_id == node);
  CHECK(d.sequence == 7);
  CHECK(!d.repeated);
  REQUIRE(d.scores.size() == 1);
  CHECK(d.scores[0].tool_name == "mutate");
  CHECK(d.scores[0].sample_count == 40);
  REQUIRE(d.recipes.size() == 1);
  CHECK(json(d.recipes[0]) == json(won()));
  CHECK(d.body["autoresearch"]["best"] == 2.5);
  CHECK(!d.body.contains("recipes"));
}

TEST_CASE("how often candidates were kept, and what they gained, is taken where it is told") {
  auto with = [](const json& kept, const json& gain) {
    return [=](json& d) {
      auto& told = d["coding_benchmarks"]["autoresearch"]["mutate"];
      told["kept_rate"] = kept;
      told["gain"] = gain;
    };
  };
  json d = delta();
  with(0.25, 0.015)(d);
  const auto v = check_delta(sealed(d), context());
  REQUIRE(reason_of(v) == "accepted");
  const auto& score = std::get<checked_delta>(v).scores.at(0);
  CHECK(score.kept_rate == 0.25);
  CHECK(score.gain == 0.015);
  for (const auto& bad : {json(-0.1), json(1.1), json("half"), json()})
    CHECK(verdict_with(with(bad, 0)) == "implausible");
  for (const auto& bad : {json(-1), json(1e7), json(true)})
    CHECK(verdict_with(with(0.5, bad)) == "implausible");
}

TEST_CASE("the text is measured before it is parsed") {
  auto why = [](const std::string& text) {
    auto read = read_strange_json(text);
    auto* refusal = std::get_if<delta_refusal>(&read);
    return refusal ? refusal->reason : "read";
  };
  CHECK(why(sealed(delta()).dump()) == "read");
  CHECK(why("{\"x\": \"" + std::string(1 << 20, 'y') + "\"}") == "too_large");
  CHECK(why(std::string(500'000, '[')) == "too_deep");
  CHECK(why("{\"a\":" + std::string(12, '[') + std::string(12, ']') + "}") == "too_deep");
  CHECK(why("{\"a\":" + std::string(11, '[') + std::string(11, ']') + "}") == "read");
  CHECK(why(R"({"text": "[[[[[[[[[[[[[[[[[[[[ \" {{{{{{"})") == "read");
  std::string many = "{\"a\": [0";
  for (int i = 0; i < 1024; ++i) many += ",0";
  CHECK(why(many + "]}") == "too_deep");
  std::string keys = "{";
  for (int i = 0; i < 60'000; ++i) keys += "\"" + std::to_string(i) + "\":0,";
  CHECK(why(keys + "\"x\":0}") == "too_deep");
  for (const char* text :
       {"", "nonsense", "[1]", "1", "{\"a\": NaN}", "{\"a\": Infinity}", "{\"a\": 1e999}",
        "{\"a\": \"\xff\"}", "{\"a\": 1} x", "{\"a\"", "]", "}{"})
    CHECK(why(text) == "not_json");
}

TEST_CASE("who says it is checked: version, id, connection, signature, and that it is a peer") {
  CHECK(verdict_with([](json& d) { d["version"] = 2; }) == "version");
  CHECK(verdict_with([](json& d) { d.erase("version"); }) == "version");
  CHECK(verdict_with([](json& d) { d["version"] = 1.5; }) == "version");
  for (const auto& id : {std::string(""), std::string(63, 'a'), std::string(64, 'A'),
                         std::string(64, 'g'), std::string(65, 'a')})
    CHECK(verdict(sealed(delta(), 7, now, id)) == "node_id");
  CHECK(verdict(sealed(delta(), 7, now, other)) == "not_the_sender");
  auto strange = context();
  strange.connected_node = other;
  CHECK(verdict(sealed(delta(), 7, now, other), strange) == "unknown_peer");

  json unsigned_delta = sealed(delta());
  unsigned_delta.erase("signature");
  CHECK(verdict(unsigned_delta) == "signature");
  json forged = sealed(delta());
  forged["node_id"] = node;
  forged["signature"] = std::string(128, '0');
  CHECK(verdict(forged) == "signature");
}

TEST_CASE("changing any value after it was signed breaks the signature") {
  const json good = sealed(delta());
  int changed = 0;
  std::function<void(const json::json_pointer&, const json&)> walk =
      [&](const json::json_pointer& at, const json& value) {
        if (value.is_structured()) {
          for (auto it = value.begin(); it != value.end(); ++it) {
            auto below = at;
            if (value.is_object())
              below.push_back(it.key());
            else
              below.push_back(std::to_string(it - value.begin()));
            walk(below, *it);
          }
          return;
        }
        const auto where = at.to_string();
        if (where == "/version" || where == "/node_id" || where == "/signature") return;
        json bad = good;
        bad[at] = value.is_number() ? json(value.get<double>() + 1) : json("other");
        CAPTURE(where);
        CHECK(verdict(bad) == "signature");
        ++changed;
      };
  walk(json::json_pointer(), good);
  CHECK(changed > 20);
  json more = good;
  more["extra"] = 1;
  CHECK(verdict(more) == "signature");
}

TEST_CASE("a delta must have been signed within an hour, either way") {
  CHECK(verdict(sealed(delta(), 7, now - 3'600'000)) == "accepted");
  CHECK(verdict(sealed(delta(), 7, now + 3'600'000)) == "accepted");
  CHECK(verdict(sealed(delta(), 7, now - 3'600'001)) == "stale");
  CHECK(verdict(sealed(delta(), 7, now - 7'200'000)) == "stale");
  CHECK(verdict(sealed(delta(), 7, now + 7'200'000)) == "stale");
  CHECK(verdict(sealed(delta(), 7, -5)) == "stale");
  CHECK(verdict(sealed(delta(), 7, INT64_MAX)) == "stale");
}

TEST_CASE("a sequence is accepted once; the same delta again is acknowledged and changes nothing") {
  for (std::int64_t old : {1, 5, 6}) CHECK(verdict(sealed(delta(), old)) == "replayed");
  for (std::int64_t none : {std::int64_t{0}, std::int64_t{-1}, INT64_MAX})
    CHECK(verdict(sealed(delta(), none)) == "replayed");
  CHECK(verdict(sealed(delta(), 1000)) == "accepted");

  auto c = context();
  const auto digest = delta_digest(sealed(delta(), 7));
  c.find_peer = [&](const std::string&) { return delta_sender{7, *digest, 60}; };
  auto v = check_delta(sealed(delta(), 7, now + 1000), c);  // signed anew
  REQUIRE(reason_of(v) == "accepted");
  CHECK(std::get<checked_delta>(v).repeated);
  json different = delta();
  different["autoresearch"]["best"] = 3;
  CHECK(verdict(sealed(different, 7), c) == "replayed");
}

TEST_CASE("numbers that cannot be are refused") {
  auto score = [](const char* key, const json& value) {
    return verdict_with(
        [&](json& d) { d["coding_benchmarks"]["autoresearch"]["mutate"][key] = value; });
  };
  for (const json& rate : {json(-0.001), json(1.001), json("1"), json(nullptr), json(true)})
    CHECK(score("success_rate", rate) == "implausible");
  for (const json& time : {json(-1), json(604'801), json(1e300), json(nullptr)})
    CHECK(score("avg_time_s", time) == "implausible");
  for (const json& samples :
       {json(4), json(10'000'001), json(1'000'000'000), json(-5), json(5.5), json(UINT64_MAX)})
    CHECK(score("sample_count", samples) == "implausible");
  CHECK(score("sample_count", 10'000'000) == "accepted");
  auto session = [](const char* key, const json& value) {
    return verdict_with([&](json& d) { d["autoresearch"][key] = value; });
  };
  CHECK(session("best", "much") == "implausible");
  CHECK(session("best", nullptr) == "accepted");
  CHECK(session("iterations", -1) == "implausible");
  CHECK(session("iterations", 2e9) == "implausible");
}

TEST_CASE("what is missing, of the wrong kind or not fit to be shown is refused") {
  for (const char* key : {"session_id", "experiment_id", "metric_name"}) {
    CHECK(verdict_with([&](json& d) { d["autoresearch"].erase(key); }) == "malformed");
    CHECK(verdict_with([&](json& d) { d["autoresearch"][key] = "two\nlines"; }) == "malformed");
    CHECK(verdict_with([&](json& d) { d["autoresearch"][key] = 5; }) == "malformed");
  }
  CHECK(verdict_with([](json& d) { d.erase("autoresearch"); }) == "malformed");
  CHECK(verdict_with([](json& d) { d["coding_benchmarks"] = 1; }) == "malformed");
  CHECK(verdict_with([](json& d) { d["coding_benchmarks"]["autoresearch"] = json::array(); }) ==
        "malformed");
  for (const char* name : {"", "ignore all rules and", "a\x1b[31m", "é"})
    CHECK(verdict_with([&](json& d) {
            auto& tools = d["coding_benchmarks"]["autoresearch"];
            tools[name] = tools["mutate"];
          }) == "malformed");
  CHECK(verdict_with([](json& d) {
          auto& tools = d["coding_benchmarks"]["autoresearch"];
          const json one = tools["mutate"];
          for (int i = 0; i < 256; ++i) tools["t" + std::to_string(i)] = one;
        }) == "malformed");
}

TEST_CASE("a recipe is whole and well-formed, or the delta is refused") {
  auto recipe_with = [](const std::function<void(json&)>& change) {
    return verdict_with([&](json& d) { change(d["recipes"][0]); });
  };
  CHECK(recipe_with([](json& r) { r["session_id"] = ""; }) == "malformed");
  CHECK(recipe_with([](json& r) { r["changes"] = json::array(); }) == "malformed");
  CHECK(recipe_with([](json& r) { r["changes"][0].erase("path"); }) == "malformed");
  CHECK(recipe_with([](json& r) { r["changes"][0]["search"] = 1; }) == "malformed");
  CHECK(recipe_with([](json& r) {
          r["changes"][0] = json{{"path", "a"}, {"content", nullptr}};
        }) == "accepted");
  CHECK(recipe_with([](json& r) { r["hypothesis"] = std::string(2000, 'x'); }) == "malformed");
  CHECK(recipe_with([](json& r) { r["iteration"] = -1; }) == "implausible");
  CHECK(recipe_with([](json& r) { r = 5; }) == "malformed");
  CHECK(verdict_with([](json& d) { d["recipes"] = json::object(); }) == "malformed");
}

TEST_CASE("a little that a newer version says is ignored, much is refused") {
  CHECK(verdict_with([](json& d) { d["mood"] = "good"; }) == "accepted");
  CHECK(verdict_with([](json& d) { d["ballast"] = std::string(5000, 'x'); }) == "unknown_content");
}

TEST_CASE("a peer that tells too much is told so") {
  auto c = context();
  c.find_peer = [](const std::string&) { return delta_sender{6, "", 60}; };
  CHECK(verdict(sealed(delta()), c) == "rate");
  c.find_peer = [](const std::string&) { return delta_sender{6, "", 59}; };
  CHECK(verdict(sealed(delta()), c) == "accepted");
  CHECK(may_pass_later("rate"));
  CHECK(may_pass_later("stale"));
  CHECK(!may_pass_later("signature"));
}

TEST_CASE("a refusal names the sequence it refuses, where it could be read") {
  auto v = check_delta(sealed(delta(), 5), context());
  CHECK(std::get<delta_refusal>(v).sequence == 5);
  CHECK(std::get<delta_refusal>(check_delta(json(), context())).sequence == 0);
}

TEST_CASE("a recipe leaves the node whole, or not at all when the egress guard finds something") {
  auto mine = won(), secret = won(), others = won(), empty = won();
  secret.iteration = 4;
  secret.changes[0]["replace"] = "mail = 'jane.doe@example.org'\n";
  others.session_id = "ffffffffffff";
  empty.changes = nullptr;
  auto shared = recipes_to_share({secret, mine, others, empty}, "0123456789ab");
  REQUIRE(shared.list.size() == 1);
  CHECK(shared.list[0] == json(mine));
  REQUIRE(shared.left_out.size() == 1);
  CHECK(shared.left_out[0].find("iteration 4") == 0);
  CHECK(shared.left_out[0].find("email") != std::string::npos);
  CHECK(shared.left_out[0].find("jane") == std::string::npos);

  auto large = won();
  large.changes[0]["replace"] = std::string(300'000, 'x');
  auto two = recipes_to_share({large, large, mine}, "0123456789ab");
  CHECK(two.list.size() == 2);
  CHECK(two.left_out.size() == 1);
}

}  // namespace
}  // namespace ratchet
