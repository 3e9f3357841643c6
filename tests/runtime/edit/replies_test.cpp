// SPDX-License-Identifier: MIT
//
// Patches and diffs as models and agents write them.
#include <doctest/doctest.h>

#include "actors/logic/edit_format.hpp"
#include "tests/runtime/edit/replies.hpp"

using namespace ratchet;
using namespace ratchet::replies;
using ratchet::testing::contains;

TEST_CASE("patches between *** Begin Patch and *** End Patch are applied") {
  check({
      {"bare", program, "bigger\n" + update("@@\n-block = 64\n+block = 128\n"), faster, ""},
      {"in a fence", program, fenced(update("@@\n-block = 64\n+block = 128\n")), faster, ""},
      {"without an end", program,
       "*** Begin Patch\n*** Update File: a.py\n@@\n-block = 64\n+block = 128\n", faster, ""},
      {"without an end, and prose", program,
       "*** Begin Patch\n*** Update File: a.py\n@@\n-block = 64\n+block = 128\n\nThat helps.\n",
       faster, ""},
      {"without an end, in a fence", program,
       fenced("*** Begin Patch\n*** Update File: a.py\n@@\n-block = 64\n+block = 128\n") +
           "That helps.\n",
       faster, ""},
      {"without a beginning", program,
       "*** Update File: a.py\n@@\n-block = 64\n+block = 128\n*** End Patch\n", faster, ""},
      {"without @@", program, update("-block = 64\n+block = 128\n rate = 3\n"), faster, ""},
      {"as a shell's here document", program,
       "apply_patch <<'EOF'\n" + update("@@\n-block = 64\n+block = 128\n") + "EOF\n", faster, ""},
      {"with a diff's header", program, update("@@ -1,2 +1,2 @@\n-block = 64\n+block = 128\n"),
       faster, ""},
      {"with a diff's names", program,
       update("--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n-block = 64\n+block = 128\n"), faster, ""},
      {"with ./ before the name", program,
       patch("*** Update File: ./a.py\n@@\n-block = 64\n+block = 128\n"), faster, ""},
      {"two hunks", program, update("@@\n-block = 64\n+block = 128\n@@\n-rate = 3\n+rate = 4\n"),
       "block = 128\nrate = 4\nprint(\"score:\", block)\n", ""},
      {"two patches", program,
       update("@@\n-block = 64\n+block = 128\n") + "and\n" + update("@@\n-rate = 3\n+rate = 4\n"),
       "block = 128\nrate = 4\nprint(\"score:\", block)\n", ""},
      {"a line that names the function", two_functions,
       update("@@ def g():\n-    x = 1\n+    x = 2\n"),
       "def f():\n    x = 1\n    return x\n\n\ndef g():\n    x = 2\n    return x\n", ""},
      {"the first function", two_functions, update("@@ def f():\n-    x = 1\n+    x = 2\n"),
       "def f():\n    x = 2\n    return x\n\n\ndef g():\n    x = 1\n    return x\n", ""},
      {"the function's line as context too", two_functions,
       update("@@ def g():\n def g():\n-    x = 1\n+    x = 2\n"),
       "def f():\n    x = 1\n    return x\n\n\ndef g():\n    x = 2\n    return x\n", ""},
      {"a class, then a method",
       "class A:\n    def f(self):\n        pass\nclass B:\n    def "
       "f(self):\n        pass\n",
       update("@@ class B:\n@@     def f(self):\n-        pass\n+        return 1\n"),
       "class A:\n    def f(self):\n        pass\nclass B:\n    def f(self):\n        return 1\n",
       ""},
      {"braces", "int f()\n{\n  return 1;\n}\nint g()\n{\n  return 1;\n}\n",
       update("@@ int f()\n-  return 1;\n+  return 2;\n"),
       "int f()\n{\n  return 2;\n}\nint g()\n{\n  return 1;\n}\n", ""},
      {"lines after a line", two_functions, update("@@ def g():\n+    y = 2\n"),
       "def f():\n    x = 1\n    return x\n\n\ndef g():\n    y = 2\n    x = 1\n    return x\n", ""},
      {"at the end of the file", "a\nb\na\n", update("@@\n-a\n+c\n*** End of File\n"), "a\nb\nc\n",
       ""},
      {"lines at the end of the file", program, update("@@\n+end()\n*** End of File\n"),
       program + "end()\n", ""},
      {"blanks at line ends", "a  \nb\n", update("@@\n a\n-b\n+c\n"), "a  \nc\n", ""},
      {"CRLF", crlf(program), update("@@\n-block = 64\n+block = 128\n"), crlf(faster), ""},
      {"CRLF in the reply only", program, crlf(update("@@\n-block = 64\n+block = 128\n")), faster,
       ""},
      {"no final line break", "a\nb", update("@@\n a\n-b\n+c\n"), "a\nc", ""},
      {"a byte order mark", bom + program, update("@@\n-block = 64\n+block = 128\n"), bom + faster,
       ""},
      {"twice there", "a\nb\na\n", update("@@\n-a\n+c\n"), "", "2 times, at lines 1, 3"},
      {"only before its line", two_functions, update("@@ def g():\n-def f():\n+def h():\n"), "",
       "only before"},
      {"twice in its function", "def f():\n    x\n    x\n", update("@@ def f():\n-    x\n+    y\n"),
       "", "2 times, at lines 2, 3"},
      {"not there", program, update("@@\n-block = 65\n+block = 128\n"), "", "1  block = 64"},
      {"another case", program, update("@@\n-Block = 64\n+block = 128\n"), "", "upper and lower"},
      {"moved", program, patch("*** Update File: a.py\n*** Move to: b.py\n@@\n-a\n+b\n"), "",
       "not moved"},
      {"a file that is not there", program, patch("*** Update File: b.py\n@@\n-a\n+b\n"), "",
       "no such file"},
      {"no lines", program, patch("*** Update File: a.py\n"), "", "no line"},
      {"an added file that is there", program, patch("*** Add File: a.py\n+x\n"), "",
       "there already"},
      {"an added file without signs", program, patch("*** Add File: b.py\nx\n"), "",
       "must begin with '+'"},
      {"nothing but its frame", program, patch(""), "", "there is no patch"},
  });
}

TEST_CASE("a patch changes several files, or none") {
  const files before{{"a.py", program}, {"b.py", "m = 1\n"}};
  files now = after(patch("*** Update File: a.py\n@@\n-block = 64\n+block = 128\n"
                          "*** Update File: b.py\n@@\n-m = 1\n+m = 2\n"
                          "*** Add File: c/d.py\n+x = 1\n+\n+y = 2\n"),
                    before);
  CHECK(now == files{{"a.py", faster}, {"b.py", "m = 2\n"}, {"c/d.py", "x = 1\n\ny = 2\n"}});
  CHECK(after(patch("*** Delete File: b.py\n"), before) == files{{"a.py", program}});
  now = after(patch("*** Update File: a.py\n@@\n-block = 64\n+block = 128\n"
                    "*** Update File: b.py\n@@\n-m = 7\n+m = 2\n"),
              before);
  CHECK(contains(now[""], "hunk 1 (b.py)"));
}

TEST_CASE("a patch is read wherever a diff is") {
  given_edit given;
  given.diff = update("@@\n-block = 64\n+block = 128\n");
  auto changes = apply_given(given, {{"a.py", program}}, {"a.py"});
  REQUIRE(changes.has_value());
  CHECK(changes->at(0).content == faster);
  CHECK(after(given.diff, {{"a.py", program}}, answer_format::diff)["a.py"] == faster);
  CHECK(detect_edit_format(given.diff) == edit_format::patch);
}

TEST_CASE("diffs are applied with every prefix of git, and with none") {
  const std::string hunk = "@@ -1,2 +1,2 @@\n-block = 64\n+block = 128\n rate = 3\n";
  for (std::string names :
       {"--- i/a.py\n+++ w/a.py\n", "--- c/a.py\n+++ w/a.py\n", "--- o/a.py\n+++ w/a.py\n",
        "--- c/a.py\n+++ i/a.py\n", "--- w/a.py\n+++ i/a.py\n", "--- 1/a.py\n+++ 2/a.py\n",
        "--- a.py\n+++ a.py\n", "--- a/a.py\n+++ a.py\n",
        "diff --git i/a.py w/a.py\nindex 1..2 100644\n--- i/a.py\n+++ w/a.py\n",
        "diff --git a.py a.py\nindex 1..2 100644\n--- a.py\n+++ a.py\n"}) {
    CAPTURE(names);
    CHECK(after(names + hunk, {{"a.py", program}})["a.py"] == faster);
  }
  CHECK(after("--- /dev/null\n+++ w/b.py\n@@ -0,0 +1 @@\n+x\n", {{"a.py", "a\n"}})["b.py"] ==
        "x\n");
  CHECK(after("diff --git w/b.py w/b.py\nnew file mode 100644\n--- /dev/null\n+++ w/b.py\n"
              "@@ -0,0 +1 @@\n+x\n",
              {{"a.py", "a\n"}})["w/b.py"] == "x\n");
  CHECK(after("--- w/a.py\n+++ w/a.py\n" + hunk, {{"w/a.py", program}})["w/a.py"] == faster);
  CHECK(contains(after("--- x/a.py\n+++ x/a.py\n" + hunk, {{"a.py", program}})[""],
                 "did you mean a.py?"));
}

TEST_CASE("diffs as models write them") {
  const std::string gapped = "a\n\nb\nc\n\n";
  check({
      {"a bare empty line at the end", gapped, diff("@@ -2,4 +2,4 @@\n\n-b\n+x\n c\n\n"),
       "a\n\nx\nc\n\n", ""},
      {"a bare empty line within", gapped, diff("@@ -1,3 +1,3 @@\n a\n\n-b\n+x\n"), "a\n\nx\nc\n\n",
       ""},
      {"counts too small, over an empty line", gapped, diff("@@ -1,1 +1,1 @@\n-a\n+x\n\n-b\n+y\n"),
       "x\n\ny\nc\n\n", ""},
      {"counts too small, and the rest wrong", gapped, diff("@@ -1,1 +1,1 @@\n-a\n+x\n\n-q\n+y\n"),
       "", "do not occur"},
      {"counts too great, then prose", program,
       diff("@@ -1,9 +1,9 @@\n-block = 64\n+block = 128\n rate = 3\n\nThat is all.\n"), faster, ""},
      {"no numbers, then a list", program,
       diff("@@ @@\n-block = 64\n+block = 128\n rate = 3\n\n- one\n- two\n"), faster, ""},
      {"a context line without its blank", program,
       diff("@@ -1,3 +1,3 @@\n-block = 64\n+block = 128\nrate = 3\n-print(\"score:\", block)\n"
            "+print(\"score:\", rate)\n"),
       "block = 128\nrate = 3\nprint(\"score:\", rate)\n", ""},
      {"hunks with a function's name", two_functions, diff("@@ def g():\n-    x = 1\n+    x = 2\n"),
       "def f():\n    x = 1\n    return x\n\n\ndef g():\n    x = 2\n    return x\n", ""},
      {"hunks in the wrong order", program,
       diff("@@ @@\n-rate = 3\n+rate = 4\n@@ @@\n-block = 64\n+block = 128\n"), "",
       "in the file's order"},
      {"already applied", program, diff("@@ -1 +1 @@\n-block = 32\n+block = 64\n"), "",
       "stands there already"},
      {"a byte order mark in the file", bom + program,
       diff("@@ -1,2 +1,2 @@\n-block = 64\n+block = 128\n rate = 3\n"), bom + faster, ""},
      {"a byte order mark in both", bom + program,
       diff("@@ -1 +1 @@\n-" + bom + "block = 64\n+" + bom + "block = 128\n"), bom + faster, ""},
      {"a byte order mark in the diff", program,
       diff("@@ -1 +1 @@\n-" + bom + "block = 64\n+" + bom + "block = 128\n"), faster, ""},
      {"CRLF, a lesson below", crlf(program),
       diff("@@ -1,2 +1,2 @@\n-block = 64\n+block = 128\n rate = 3\nLESSON: blocks matter\n"),
       crlf(faster), ""},
  });
}
