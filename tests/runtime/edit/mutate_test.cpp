// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>

#include "runtime/edit/number_form.hpp"
#include "runtime/edit/parameters.hpp"
#include "runtime/edit/tokens.hpp"
#include "tests/runtime/edit/search_trial.hpp"

using namespace ratchet;
using namespace ratchet::test;

namespace {

std::vector<std::string> token_texts(const std::string& file, const std::string& text) {
  std::vector<std::string> out;
  std::size_t last = 0;
  for (const auto& t : tokens_of(file, text)) {
    out.push_back(text.substr(last, t.begin - last));  // what stands between tokens counts too
    out.emplace_back(t.text(text));
    last = t.end;
  }
  out.push_back(text.substr(last));
  return out;
}

const std::vector<std::pair<std::string, std::string>> samples{
    {"a.cpp",
     "#include <x2.h>\n// keep 5\nconstexpr int block = 32;\nfloat rate = 0.25f; /* 6 */\n"
     "auto s = \"7 8\"; bool fast = false; auto n = a-3 - 1'000;\n#define TILE 16\n"},
    {"a.py", "'''doc 9'''\nlr = 1e-3  # 4\nlayers = 4\nname = \"v 2\"\nuse = True\nx = -0.5\n"},
    {"a.json", "{\n  \"batch\": 64,\n  \"v\": \"3.1\",\n  \"drop\": 0.10,\n  \"fast\": true\n}\n"},
    {"a.yaml", "batch: 64\nver: 1.2.3\nlr: 0.001  # 8\nfast: false\nnote: \"5 6\"\n"},
    {"a.toml", "[a.1]\nbatch = 64\nlr = 1.5e-4\nday = 2024-05-06\nfast = true\n"},
    {"a.sh", "#!/bin/bash\nBLOCK=64\nsleep 0.5 # 3\necho \"4 5\" 2>&1\n./run --depth=6\n"},
    {"Makefile", "BLOCK := 64\nM = 8\nall:\n\techo '3' $(1)\n"},
    {"a.rs",
     "const CAPACITY: usize = 1_000;\nlet lr = 2.5_f32; // 4\nlet s = r#\"5\"#; let on = true;\n"},
    {"a.js", "const width = 16; // 3\nconst s = `4 ${n}`;\nlet w = .5, on = false;\n"},
};

edit_context context_of(const std::string& file, const std::string& text) {
  edit_context c;
  c.session_id = "0123456789ab";
  c.iteration = 1;
  c.baseline_metric = c.best_metric = 1;
  c.targets = {{file, text}};
  return c;
}

std::string refusal_of(const std::string& file, const std::string& text,
                       json options = json::object()) {
  auto p = make_mutate_editor(options)->propose(context_of(file, text), {});
  REQUIRE_FALSE(p.has_value());
  CHECK(p.error().code == errc::edit_refused);
  return p.error().text;
}

/// A loss that some changes lower, whatever the file is.
double any_loss(const std::string& text) {
  return static_cast<double>(std::hash<std::string>{}(text) % 1000);
}

}  // namespace

TEST_CASE("every proposal changes literals and nothing else, and none comes twice") {
  for (const auto& [file, text] : samples) {
    CAPTURE(file);
    auto base = token_texts(file, text);
    auto result = run_trial(file, text, {{"seed", 3}}, any_loss, 30);
    CHECK(result.refusal.empty());
    CHECK(result.contents.size() == 30);
    std::set<std::string> distinct(result.contents.begin(), result.contents.end());
    CHECK(distinct.size() == result.contents.size());
    CHECK_FALSE(distinct.count(text));
    auto tokens = tokens_of(file, text);
    for (const auto& content : result.contents) {
      CAPTURE(content);
      auto now = token_texts(file, content);
      REQUIRE(now.size() == base.size());
      for (std::size_t i = 0; i < now.size(); ++i) {
        if (now[i] == base[i]) continue;
        REQUIRE(i % 2 == 1);
        const auto& t = tokens[i / 2];
        CHECK(t.setting);
        if (t.kind != token_kind::number) continue;
        auto was = parse_number(base[i]), is = parse_number(now[i]);
        REQUIRE(is);
        CHECK(is->suffix == was->suffix);
        CHECK(is->real == was->real);
        CHECK((is->value < 0) == (was->value < 0));
        if (was->value == 0) continue;
        CHECK(std::fabs(is->value) <= 16.1 * std::fabs(was->value));
        CHECK(std::fabs(is->value) >= std::fabs(was->value) / 16.1);
      }
    }
  }
}

TEST_CASE("the same seed and history give the same proposals, another seed others") {
  const auto& [file, text] = samples[0];
  auto a = run_trial(file, text, {{"seed", 5}}, any_loss, 20);
  auto b = run_trial(file, text, {{"seed", 5}}, any_loss, 20);
  auto c = run_trial(file, text, {{"seed", 6}}, any_loss, 20);
  CHECK(a.contents == b.contents);
  CHECK(a.hypotheses == b.hypotheses);
  CHECK(a.contents != c.contents);
}

TEST_CASE("an annotation bounds its literal, and the others stay") {
  std::string text =
      "int other = 5;\n// ratchet: range 8..64\nint block = 32;\n"
      "double lr = 0.1; // ratchet: range 1e-5..1e-1 log\n"
      "int n = 16; // ratchet: choices 16, 32, 48\nint p = 64; // ratchet: power of two 8..256\n"
      "int q = 10; // ratchet: range 0..30 step 5\nf(3, 4); // ratchet: range 1..6; range 2..9\n"
      "const char* mode = \"relu\"; // ratchet: choices \"relu\" \"gelu\"\n"
      "unsigned h = 0x10; // ratchet: range 0..255\n";
  auto result = run_trial("a.cpp", text, {{"seed", 1}}, any_loss, 120);
  CHECK(result.contents.size() == 120);
  std::set<std::string> changed;
  for (const auto& content : result.contents) {
    CAPTURE(content);
    std::map<std::string, std::string> targets{{"a.cpp", content}};
    auto parameters = parameters_of(targets, json::object());
    REQUIRE(parameters.has_value());
    REQUIRE(parameters->size() == 9);
    for (const auto& p : *parameters) {
      CHECK(p.values.value_of(p.text));
      if (p.key == "a.cpp:block#1") CHECK((p.form.value >= 8 && p.form.value <= 64));
      if (p.key == "a.cpp:lr#1") CHECK((p.form.value >= 1e-5 && p.form.value <= 0.1));
      if (p.key == "a.cpp:q#1") CHECK(std::fmod(p.form.value, 5) == 0);
      if (p.key == "a.cpp:p#1")
        CHECK(std::exp2(std::round(std::log2(p.form.value))) == p.form.value);
      if (text.find(p.text, p.begin) != p.begin) changed.insert(p.key);
    }
    CHECK(content.find("other = 5;") != std::string::npos);
  }
  CHECK(changed.size() >= 7);
}

TEST_CASE("the hypothesis names the literal, its values, its line and the move") {
  std::string text = "\nblock_size = 32  # ratchet: choices 32, 48\n";
  auto p = make_mutate_editor({})->propose(context_of("a.py", text), {});
  REQUIRE(p.has_value());
  CHECK(p->hypothesis.starts_with("block_size 32 -> 48 ("));
  CHECK(p->hypothesis.ends_with(", line 2)"));
  CHECK(p->changes.at(0).content == "\nblock_size = 48  # ratchet: choices 32, 48\n");
}

TEST_CASE("when every value has been tried it says so") {
  std::string text = "a = 2  # ratchet: range 1..3\nb = on  # ratchet: choices on, off\n";
  auto result = run_trial(
      "a.conf", text, {{"seed", 2}}, [](auto&) { return 1.0; }, 50);
  CHECK(result.contents.size() == 5);
  CHECK(result.refusal.starts_with("edits: every value of the 2 literals in range has been tried"));
}

TEST_CASE("a literal outside its choices may become each of them") {
  auto result = run_trial(
      "a.py", "n = 10  # ratchet: choices 16, 32, 64\n", {}, [](auto&) { return 1.0; }, 9);
  CHECK(result.contents.size() == 3);
}

TEST_CASE("what the session has tried before is not proposed again") {
  auto context = context_of("a.py", "n = 10  # ratchet: choices 10, 16, 32, 64\n");
  context.tried_as = [](const std::vector<file_change>& changes) {
    return changes.at(0).content->find("= 32") == std::string::npos ? "iteration 1" : "";
  };
  for (int seed = 0; seed < 10; ++seed) {
    auto p = make_mutate_editor({{"seed", seed}})->propose(context, {});
    REQUIRE(p.has_value());
    CHECK(p->changes.at(0).content->starts_with("n = 32"));
  }
}

TEST_CASE("several proposals of one iteration differ") {
  auto context = context_of("a.py", "width = 100\nheads = 7\n");
  std::set<std::string> distinct;
  for (int i = 0; i < 8; ++i) {
    auto p = make_mutate_editor({})->propose(context, {});
    REQUIRE(p.has_value());
    distinct.insert(*p->changes.at(0).content);
    context.backend_state = p->state;
  }
  CHECK(distinct.size() == 8);
}

TEST_CASE("with a region only the literals inside it change, skip keeps a line") {
  std::string text =
      "a = 10\n# ratchet: begin\nb = 20\nc = 30  # ratchet: skip\n# ratchet: end\nd = 40\n";
  auto result = run_trial("a.py", text, {}, any_loss, 40);
  CHECK(result.contents.size() == 40);
  for (const auto& c : result.contents) {
    CHECK(c.starts_with("a = 10\n"));
    CHECK(c.find("c = 30  #") != std::string::npos);
    CHECK(c.ends_with("d = 40\n"));
  }
}

TEST_CASE("parameters of the options name literals by a pattern") {
  json options{{"parameters",
                {{{"match", "-O(\\d)"}, {"choices", {0, 1, 2, 3}}},
                 {{"match", "rate: (\\S+)"}, {"range", {0.001, 1.0}}, {"log", true}}}}};
  std::string text = "flags: -O2\nrate: 0.1\nother: 7\n";
  auto result = run_trial("a.yaml", text, options, any_loss, 30);
  CHECK(result.contents.size() == 30);
  for (const auto& c : result.contents) CHECK(c.ends_with("\nother: 7\n"));
  CHECK(refusal_of("a.yaml", "flags: none\n", options).find("matches nothing in a.yaml") !=
        std::string::npos);
}

TEST_CASE("only_annotated decides whether unannotated literals change too") {
  std::string text = "a = 10  # ratchet: range 5..20\nb = 30\n";
  std::map<std::string, std::string> targets{{"a.py", text}};
  CHECK(parameters_of(targets, json::object())->size() == 1);
  CHECK(parameters_of(targets, {{"only_annotated", false}})->size() == 2);
  CHECK(refusal_of("a.py", "b = 30\n", {{"only_annotated", true}}).find("annotate one") !=
        std::string::npos);
}

TEST_CASE("an annotation that is not understood is refused with its place") {
  CHECK(refusal_of("a.py", "x = 1\ny = 2  # ratchet: rnage 1..5\n").starts_with("a.py:2: "));
  CHECK(refusal_of("a.py", "y = 2  # ratchet: rnage 1..5\n").find("did you mean range?") !=
        std::string::npos);
  CHECK(refusal_of("a.py", "y = 2  # ratchet: range 9..5\n").find("LOW < HIGH") !=
        std::string::npos);
  CHECK(refusal_of("a.py", "y = z  # ratchet: range 1..5\n").find("no number") !=
        std::string::npos);
  CHECK(refusal_of("a.py", "y = 1  # ratchet: range 1..5 step 9\n").find("step") !=
        std::string::npos);
}

TEST_CASE("a subtraction does not become a decrement") {
  std::string text = "x = a-3; // ratchet: range -5..-1\n";
  auto p = make_mutate_editor({})->propose(context_of("a.c", text), {});
  REQUIRE(p.has_value());
  CHECK(p->changes.at(0).content->starts_with("x = a- -"));
}

TEST_CASE("a state that makes no sense starts the search anew") {
  auto context = context_of("a.py", "width = 100\n");
  for (json state : {json(3), json{{"version", 1}}, json{{"version", 9}, {"seen", 4}}}) {
    context.backend_state = state;
    CHECK(make_mutate_editor({})->propose(context, {}).has_value());
  }
}
