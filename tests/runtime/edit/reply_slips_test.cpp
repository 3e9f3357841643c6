// SPDX-License-Identifier: MIT
//
// Fragments, line numbers, elisions, lost tabs, thoughts and lessons in what models write.
#include <doctest/doctest.h>

#include "actors/logic/edit_format.hpp"
#include "tests/runtime/edit/replies.hpp"

using namespace ratchet;
using namespace ratchet::replies;
using ratchet::testing::contains;

TEST_CASE("one fenced text is a whole file only when it clearly is one") {
  const std::string eight = "a\nb\nc\nd\ne\nf\ng\nh\n";
  check({
      {"a fragment", program, "The changed part:\n" + fenced("block = 128\n"), "",
       "no whole file: it has 1 lines and keeps 0 of the file's 3"},
      {"the end of the file missing", program, fenced("block = 128\nrate = 3\n"), "", "keeps 1"},
      {"the beginning missing", eight, fenced("d\ne\nF\ng\nh\n"), "", "keeps 4"},
      {"a command", program, "Run this:\n" + fenced("python a.py\n"), "", "no whole file"},
      {"the whole file", program, "bigger\n" + fenced(faster), faster, ""},
      {"a line taken out", eight, fenced("a\nb\nc\nd\nf\ng\nh\n"), "a\nb\nc\nd\nf\ng\nh\n", ""},
      {"its first line taken out", eight, fenced("b\nc\nd\ne\nf\ng\nh\n"), "b\nc\nd\ne\nf\ng\nh\n",
       ""},
      {"half of it new", "a\nb\nc\nd\n", fenced("a\nx\nc\ny\n"), "a\nx\nc\ny\n", ""},
      {"an empty file", "", fenced("x = 1\n"), "x = 1\n", ""},
      {"an elision", eight, fenced("A\nb\nc\nd\n...\ne\nf\ng\nh\n"), "", "leaves lines out"},
      {"an elision in a comment", eight, fenced("A\nb\nc\nd\ne\nf\n# rest unchanged\n"), "",
       "# rest unchanged"},
      {"a stub's body", "class A:\n    x = 1\n    y = 2\n",
       fenced("class A:\n    x = 1\n    y = 2\n    def f(self):\n        ...\n"),
       "class A:\n    x = 1\n    y = 2\n    def f(self):\n        ...\n", ""},
      {"a CRLF file", crlf(program), fenced(faster), crlf(faster), ""},
      {"a byte order mark", bom + program, fenced(faster), bom + faster, ""},
      {"two fenced texts", program, fenced(faster) + fenced(faster), "", "holds no edit"},
  });
}

TEST_CASE("a whole file that was asked for is taken, but not one that says it is none") {
  auto whole = [](const std::string& text) {
    return after(fenced(text), {{"a.py", program}}, answer_format::whole);
  };
  CHECK(whole("n = 7\n")["a.py"] == "n = 7\n");
  CHECK(whole("f(*args, ...)\n...args\n")["a.py"] == "f(*args, ...)\n...args\n");
  for (std::string line :
       {"... rest of the file unchanged ...", "# ... rest of the file unchanged ...",
        "# rest of the code unchanged", "// ... existing code ...", "/* ... */", "# …",
        "    # (rest of the function remains the same)", "<!-- ... existing ... -->", "[...]",
        "# unchanged", "// the rest stays as before"}) {
    CAPTURE(line);
    CHECK(contains(whole("block = 128\n" + line + "\n")[""], "leaves lines out"));
  }
  for (std::string line :
       {"# keep the rate unchanged", "x = \"...\"", "...defaults,", "# the same as in b.py",
        "print(1)  # ... and so on", "# rest a while", "while busy: ..."}) {
    CAPTURE(line);
    CHECK(whole("block = 128\n" + line + "\n").count("") == 0);
  }
  given_edit given;
  given.content = "block = 128\n# ... rest of the file unchanged ...\n";
  CHECK_FALSE(apply_given(given, {{"a.py", program}}, {"a.py"}).has_value());
}

TEST_CASE("line numbers before the searched lines are taken off") {
  const std::string indented = "def f():\n    x = 1\n    return x\n";
  check({
      {"12: x", program, block("1: block = 64\n", "block = 128\n"), faster, ""},
      {"12| x", program, block("1| block = 64\n2| rate = 3\n", "1| block = 128\n2| rate = 3\n"),
       faster, ""},
      {"12  x", program, block("  1  block = 64\n  2  rate = 3\n", "block = 128\nrate = 3\n"),
       faster, ""},
      {"cat -n", program, block("     1\tblock = 64\n", "     1\tblock = 128\n"), faster, ""},
      {"an arrow", program, block("     1→block = 64\n", "block = 128\n"), faster, ""},
      {"L12:", program, block("L1: block = 64\n", "block = 128\n"), faster, ""},
      {"indented lines", indented,
       block("2:     x = 1\n3:     return x\n", "2:     x = 2\n3:     return x\n"),
       "def f():\n    x = 2\n    return x\n", ""},
      {"indented lines and blanks", indented,
       block("2      x = 1\n3      return x\n", "2      x = 2\n3      return x\n"),
       "def f():\n    x = 2\n    return x\n", ""},
      {"one line more in the replacement", program,
       block("1: block = 64\n", "1: block = 128\n2: rate = 4\n"),
       "block = 128\nrate = 4\nrate = 3\nprint(\"score:\", block)\n", ""},
      {"numbers off by one", program, block("2: block = 64\n", "block = 128\n"), faster, ""},
      {"numbers of another place", program, block("90: block = 64\n", "block = 128\n"), "",
       "line numbers 90"},
      {"twice there", "a = 1\nb\na = 1\n", block("1: a = 1\n", "a = 2\n"), "", "2 times"},
      {"in some lines only", program, block("1: block = 64\n", "1: block = 128\nrate = 4\n"), "",
       "in some lines only"},
      {"numbers that are the file's own", "1: x\n2: y\n", block("1: x\n", "1: z\n"), "1: z\n2: y\n",
       ""},
      {"not there", program, block("1: clock = 64\n", "block = 128\n"), "", "line numbers"},
  });
}

TEST_CASE("an elision between two searched parts keeps what is between them") {
  const std::string file = "def f():\n    a = 1\n    b = 2\n    c = 3\n    return a\n";
  for (std::string dots :
       {"    ...\n", "    # ...\n", "    # ... existing code ...\n", "…\n", "// ...\n"}) {
    CAPTURE(dots);
    CHECK(
        after(block("def f():\n" + dots + "    return a\n", "def g():\n" + dots + "    return b\n"),
              {{"a.py", file}})["a.py"] ==
        "def g():\n    a = 1\n    b = 2\n    c = 3\n    return b\n");
  }
  check({
      {"with empty lines beside it", file,
       block("def f():\n\n    ...\n\n    return a\n", "def f():\n    ...\n    return b\n"),
       "def f():\n    a = 1\n    b = 2\n    c = 3\n    return b\n", ""},
      {"a CRLF file", crlf(file),
       block("def f():\n...\n    return a\n", "def g():\n...\n    return a\n"),
       crlf("def g():\n    a = 1\n    b = 2\n    c = 3\n    return a\n"), ""},
      {"not in the replacement", file, block("def f():\n    ...\n    return a\n", "def g():\n"), "",
       "elision"},
      {"in the replacement only", file,
       block("def f():\n    a = 1\n", "def g():\n    # ... existing code ...\n"), "",
       "its replacement leaves lines out"},
      {"nothing after it", file, block("def f():\n    a = 1\n    ...\n", "def g():\n    ...\n"), "",
       "elision"},
      {"in the wrong order", file,
       block("    return a\n...\n    a = 1\n", "    return b\n...\n    a = 1\n"), "", "elision"},
      {"a part that occurs twice", two_functions,
       block("def f():\n...\n    return x\n", "def h():\n...\n    return x\n"), "", "elision"},
      {"dots that are the file's", "def f():\n    ...\n", block("    ...\n", "    return 1\n"),
       "def f():\n    return 1\n", ""},
  });
}

TEST_CASE("marks, line ends, tabs and quotes that were lost on the way do not matter") {
  const std::string tabs = "def f():\n\tif x:\n\t\ty = 1\n\treturn y\n";
  check({
      {"a mark in the file", bom + program,
       block("block = 64\nrate = 3\n", "block = 128\nrate = 3\n"), bom + faster, ""},
      {"a mark in the search", program, block(bom + "block = 64\n", bom + "block = 128\n"), faster,
       ""},
      {"a mark in both", bom + program, block(bom + "block = 64\n", bom + "block = 128\n"),
       bom + faster, ""},
      {"a mark before the reply", program, bom + "a.py\n" + block("block = 64\n", "block = 128\n"),
       faster, ""},
      {"CRLF in the file", crlf(program), block("block = 64\n", "block = 128\n"), crlf(faster), ""},
      {"CRLF in the reply", program, crlf(block("block = 64\n", "block = 128\n")), faster, ""},
      {"blanks for tabs", tabs,
       block("    if x:\n        y = 1\n", "    if x:\n        y = 2\n        z = 3\n"),
       "def f():\n\tif x:\n\t\ty = 2\n\t\tz = 3\n\treturn y\n", ""},
      {"two blanks for tabs", tabs, block("  if x:\n    y = 1\n", "  if z:\n    y = 1\n"),
       "def f():\n\tif z:\n\t\ty = 1\n\treturn y\n", ""},
      {"tabs for blanks", "def f():\n    if x:\n        y = 1\n",
       block("\tif x:\n\t\ty = 1\n", "\tif z:\n\t\ty = 1\n"),
       "def f():\n    if z:\n        y = 1\n", ""},
      {"blanks for tabs that do not come out", tabs,
       block("   if x:\n      y = 1\n     z\n", "q\n"), "", "nearest lines"},
      {"shifted", "def f():\n    if x:\n        y = 1\n", block("if x:\n    y = 1\n", "y = 1\n"),
       "def f():\n    y = 1\n", ""},
      {"indented otherwise", "def f():\n    if x:\n        y = 1\n",
       block("  if x:\n    y = 1\n", "q\n"), "", "indented otherwise"},
      {"typographic quotes", program,
       block("print(“score:”, block)\n", "print(“score:”, 2 * block)\n"),
       "block = 64\nrate = 3\nprint(\"score:\", 2 * block)\n", ""},
      {"plain quotes for typographic ones", "say(“x”)\n", block("say(\"x\")\n", "say(\"y\")\n"), "",
       "typography"},
      {"another case", program, block("Block = 64\n", "block = 128\n"), "", "upper and lower"},
      {"blanks within", program, block("block=64\n", "block = 128\n"), "", "only blanks"},
      {"already applied", program, block("block = 32\n", "block = 64\n"), "",
       "stands there already, at line 1"},
      {"a lone brace", "f(){\n}\ng(){\n}\n", block("}\n", ";\n"), "", "2 times, at lines 2, 4"},
  });
}

TEST_CASE("what a model thought is not its edit") {
  const std::string answer = "bigger\na.py\n" + block("block = 64\n", "block = 128\n");
  const std::string draft = "a.py\n" + block("rate = 3\n", "rate = 9\n");
  for (const std::string& reply :
       {"<think>\nwell\n" + draft + "</think>\n" + answer, "<think>well</think>" + answer,
        "<thinking>\n" + draft + "</thinking>\n\n" + answer,
        "<reasoning>\nwell\n</reasoning>\n" + answer, "<THINK>x</THINK>\n" + answer,
        "<think>\n" + answer, "well\n" + draft + "</think>\n" + answer,
        "well, perhaps\n<<<<<<< SEARCH\nrate = 3\n\n</think>\n\n" + answer,
        "```python\nrate = 9\n\nno\n</think>\n" + answer, answer + "</think>\n",
        "<think>a</think>\n<think>b</think>\n" + answer,
        "bigger\n<think>\n" + draft + "</think>\na.py\n" + block("block = 64\n", "block = 128\n"),
        "<|channel|>analysis<|message|>well\n" + draft + "<|end|>" + answer,
        "<|channel|>analysis<|message|>well\n" + draft +
            "<|end|><|start|>assistant<|channel|>final<|message|>" + answer + "<|return|>",
        "<|start|>assistant<|channel|>analysis<|message|>" + draft + "<|channel|>final<|message|>" +
            answer}) {
    CAPTURE(reply);
    CHECK(after(reply, {{"a.py", program}})["a.py"] == faster);
    CHECK(hypothesis_line(reply) == "bigger");
  }
  // Tags that the edit itself is about.
  const std::string prompt = "<think>\nold\n</think>\nnew\n";
  CHECK(after("h\na.py\n" + block("<think>\nold\n</think>\n", "<think>\nmore\n</think>\n"),
              {{"a.py", prompt}})["a.py"] == "<think>\nmore\n</think>\nnew\n");
  CHECK(after("h\n" + fenced("<think>\nold\n</think>\nnewer\n"), {{"a.py", prompt}})["a.py"] ==
        "<think>\nold\n</think>\nnewer\n");
  CHECK(without_thoughts("plain") == "plain");
  CHECK(without_thoughts("") == "");
}

TEST_CASE("a lesson after the edit is no part of it") {
  const std::string lesson = "LESSON: larger blocks help\n";
  for (const std::string& reply :
       {"try it\na.py\n" + block("block = 64\n", "block = 128\n") + lesson,
        "try it\n" + diff("@@ -1,2 +1,2 @@\n-block = 64\n+block = 128\n rate = 3\n") + lesson,
        "try it\n" + diff("@@ -1,9 +1,9 @@\n-block = 64\n+block = 128\n rate = 3\n\n") + lesson,
        "try it\n" + update("@@\n-block = 64\n+block = 128\n") + lesson,
        "try it\n*** Begin Patch\n*** Update File: a.py\n@@\n-block = 64\n+block = 128\n" + lesson,
        "try it\n" + fenced(faster) + "\n**LESSON:** larger blocks help\n",
        "try it\nLESSON: an older one\na.py\n" + block("block = 64\n", "block = 128\n") + lesson}) {
    CAPTURE(reply);
    CHECK(after(reply, {{"a.py", program}})["a.py"] == faster);
    CHECK(lesson_line(reply) == "larger blocks help");
    CHECK(hypothesis_line(reply) == "try it");
  }
  CHECK(lesson_line("try it\n" + fenced("LESSON: of the file\n")) == "");
  CHECK(lesson_line("try it\n" + diff("@@ -1 +1 @@\n-a\n+b\n LESSON: of the file\n")) == "");
  CHECK(lesson_line("a lesson: none") == "");
  CHECK(lesson_line("LESSON:" + std::string(500, 'x')).size() == 200);
  CHECK(lesson_line("LESSON:\n") == "");
  CHECK(hypothesis_line("LESSON: x\n") == "");
}

TEST_CASE("the hypothesis is no line of a diff or patch") {
  CHECK(hypothesis_line("```diff\n" + diff("@@ -1,3 +1,3 @@\n-a\n+b\n\n rate = 3\n") +
                        "```\nwhy") == "why");
  CHECK(hypothesis_line(diff("@@ -1,3 +1,3 @@\n-a\n+b\n\n rate = 3\n\nwhy\n")) == "why");
  CHECK(hypothesis_line(diff("@@ -1,3 +1,3 @@\n-a\n+b\n\n rate = 3\n\n@@ -9 +9 @@\n-a\n c\n")) ==
        "");
  CHECK(hypothesis_line(update("@@\n a\n\n b\n-c\n") + "why\n") == "why");
  CHECK(hypothesis_line("*** Begin Patch\n*** Add File: x\n+a\n\n+b\n") == "");
}

TEST_CASE("texts that are made to be slow are answered soon") {
  std::string same, opened, hunks, many_blocks;
  for (int i = 0; i < 100'000; ++i) same += "a\n";
  const std::string half = same.substr(0, same.size() / 2);
  after(block(half + "b\n", "x\n"), {{"a.py", same}});
  after(block(" " + half, "x\n"), {{"a.py", same}});
  after(block(std::string(500'000, 'a') + "b", "x\n"), {{"a.py", std::string(1'000'000, 'a')}});
  for (int i = 0; i < 100'000; ++i) opened += "<think>\n";
  after(opened, {{"a.py", program}});
  after(opened + "</think>", {{"a.py", program}});
  std::string numbers;
  for (int i = 0; i < 50'000; ++i) {
    numbers += "v" + std::to_string(i) + "\n";
    hunks += "@@\n-v" + std::to_string(i) + "\n+w\n";
    many_blocks += block("v" + std::to_string(i) + "\n", "w\n");
  }
  CHECK(after(update(hunks), {{"a.py", numbers}}).count("") == 0);
  CHECK(after(update("@@ a\n" + hunks), {{"a.py", same}}).count("") == 1);
  CHECK(after(many_blocks, {{"a.py", numbers}}).count("") == 1);
  after(fenced(numbers), {{"a.py", same}});
}
