// SPDX-License-Identifier: MIT
#include "actors/logic/shown_pages.hpp"

#include <doctest/doctest.h>

using namespace ratchet;

namespace {

std::string numbered_lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "line " + std::to_string(i) + "\n";
  return text;
}

session_shown page(const std::string& whole, std::optional<long long> offset,
                   bool from_end = false) {
  show_session asked{"0123456789ab"};
  asked.offset = offset;
  auto shown = page_of(asked, whole, from_end);
  REQUIRE(shown);
  return *shown;
}

iteration_record row(int iteration, std::string hypothesis) {
  iteration_record r;
  r.iteration = iteration;
  r.candidate.hypothesis = std::move(hypothesis);
  r.decision = iteration == 0 ? "baseline" : "reverted";
  r.result = run_result{};
  r.result->metric_value = 0.5;
  return r;
}

}  // namespace

TEST_CASE("page after page gives the whole text, each ends with a line and fits") {
  const auto whole = numbered_lines(5'000);
  std::string together;
  std::optional<long long> offset;
  int pages = 0;
  do {
    const auto p = page(whole, offset);
    CHECK(p.text.size() <= page_bytes);
    CHECK(p.text.ends_with('\n'));
    CHECK(p.total == static_cast<long long>(whole.size()));
    CHECK(p.offset == static_cast<long long>(together.size()));
    together += p.text;
    offset = p.next_offset;
  } while (offset && ++pages < 100);
  CHECK(together == whole);
}

TEST_CASE("a text that fits is one page") {
  CHECK(page("a\nb", {}).text == "a\nb");
  CHECK_FALSE(page("a\nb", {}).next_offset);
  CHECK(page("", {}).text.empty());
  CHECK(page("ab", 2).text.empty());
}

TEST_CASE("no character is cut, wherever a page begins") {
  std::string whole;
  while (whole.size() < 3 * page_bytes) whole += "ä";
  const auto first = page(whole, {});
  CHECK(first.text.size() % 2 == 0);
  CHECK(page(whole, 1).offset == 2);
}

TEST_CASE("the last page begins with a line and holds the end") {
  const auto p = page(numbered_lines(5'000), {}, true);
  CHECK(p.text.starts_with("line "));
  CHECK(p.text.ends_with("line 4999\n"));
  CHECK(p.text.size() <= page_bytes);
  CHECK_FALSE(p.next_offset);
}

TEST_CASE("an offset beyond the end is refused by name") {
  show_session asked{"0123456789ab"};
  asked.offset = 3;
  auto shown = page_of(asked, "ab");
  REQUIRE_FALSE(shown);
  CHECK(shown.error().details["field"] == "offset");
  CHECK(shown.error().text.find("there are 2 bytes") != std::string::npos);
}

TEST_CASE("the history is a line an iteration, and goes on where a page ends") {
  std::vector<iteration_record> rows;
  for (int i = 0; i < 40; ++i) rows.push_back(row(i, "try " + std::to_string(i)));
  auto shown = history_page({"0123456789ab"}, rows, "score", 100);
  CHECK(shown.text.starts_with(
      "0: the unmodified code | score 0.5, baseline\n1: try 1 | score 0.5, reverted\n"));
  CHECK(shown.total == 100);
  CHECK(shown.next_offset == 40);
  for (auto& r : rows) r.candidate.hypothesis = std::string(190, 'x');
  for (auto& r : rows) r.reason = std::string(190, 'y');
  shown = history_page({"0123456789ab"}, rows, "score", 40);
  CHECK(shown.text.size() <= page_bytes);
  REQUIRE(shown.next_offset);
  CHECK(*shown.next_offset < 40);
}

TEST_CASE("an output is shown once, as a terminal would, and says what is not kept of it") {
  run_result r;
  r.output_tail = "\033[32mready\033[0m\n10%\r100%\n";
  r.output_head = r.output_tail;
  r.output_bytes = static_cast<long long>(r.output_tail.size());
  CHECK(output_text(r) == "ready\n100%");
  r.output_head = "one\ntwo\n";
  r.output_tail = "two\nthree\n";
  r.output_bytes = 14;
  CHECK(output_text(r) == "one\ntwo\nthree");
  r.output_bytes = 1'018;
  CHECK(output_text(r) ==
        "one\ntwo\n[about 1000 bytes were printed here that are not kept]\ntwo\nthree");
}

TEST_CASE("the summary names every command that judges a candidate") {
  session_settings s;
  s.run_command.shell = "./bench";
  CHECK(summary_text({}, s).find("build command") == std::string::npos);
  s.setup_command.shell = "cmake -B build";
  s.build_command.argv = {"make", "-j4"};
  s.check_command.shell = "make check";
  s.guard_metrics = {{.name = "size"}};
  s.gates = {{.name = "licence", .command = {.shell = "./licences"}}};
  const auto text = summary_text({}, s);
  CHECK(text.find("\nsetup command cmake -B build\nbuild command [\"make\",\"-j4\"]\n"
                  "check command make check\nrun command ./bench\n"
                  "guard metrics size\ngate licence: ./licences\n") != std::string::npos);
}
