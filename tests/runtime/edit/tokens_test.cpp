// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "runtime/edit/number_form.hpp"
#include "runtime/edit/tokens.hpp"

using namespace ratchet;

namespace {

std::string settings_in(const std::string& file, const std::string& text) {
  std::string out;
  for (const auto& t : tokens_of(file, text))
    if (t.setting) out += (out.empty() ? "" : " ") + std::string(t.text(text));
  return out;
}

std::string rewritten(const std::string& literal, double value, int significant = 3) {
  auto form = parse_number(literal);
  REQUIRE(form);
  return format_number(*form, value, significant);
}

}  // namespace

TEST_CASE("a number is written as the literal it replaces was") {
  CHECK(rewritten("32", 48) == "48");
  CHECK(rewritten("1'000'000", 2500000) == "2'500'000");
  CHECK(rewritten("1_000", 250) == "250");
  CHECK(rewritten("100_000u64", 1234567) == "1_234_567u64");
  CHECK(rewritten("0x00FF", 171) == "0x00AB");
  CHECK(rewritten("0.50", 0.25) == "0.25");
  CHECK(rewritten("0.50", 0.3) == "0.30");
  CHECK(rewritten("0.1", 0.0321) == "0.0321");
  CHECK(rewritten("1e-3", 3.2e-4) == "3.2e-4");
  CHECK(rewritten("1.0e-03", 3.25e-4) == "3.25e-04");
  CHECK(rewritten("2.5E+5", 1e6) == "1.0E+6");
  CHECK(rewritten("1.5f", 3) == "3.0f");
  CHECK(rewritten("250ms", 400) == "400ms");
  CHECK(rewritten("1.", 3) == "3.");
  CHECK(rewritten(".5", 0.25) == ".25");
  CHECK(rewritten("-4", -6) == "-6");
}

TEST_CASE("what is no plain number is not read as one") {
  for (const char* text : {"007", "0b11", "5j", "1.2.3", "x2", "", "-", "0x", "1e", "12abc"})
    CHECK_FALSE(parse_number(text));
}

TEST_CASE("C++: comments, strings, includes, identifiers and subscripts are left alone") {
  CHECK(settings_in(
            "a.cpp",
            "#include <lib2/x86.h>\n#pragma pack(4)\n#define BLOCK 64 // 9\n#if VERSION > 3\n"
            "#endif\nint v2 = 16, y[8]; /* 5 \n 6 */ float f = -1.5e-3f; auto s = \"7\\\" 8\";\n"
            "char c = '9'; auto big = 1'000'000; x[3] = v2 - 4; bool on = true;\n"
            "auto r = R\"(12 \" 13)\"; int h = 0xff; while (true) { n >>= 2; }\n") ==
        "64 16 -1.5e-3f 1'000'000 4 true 2");
}

TEST_CASE("Python: docstrings and comments are left alone, a floor division is no comment") {
  CHECK(settings_in("a.py",
                    "\"\"\"doc 1\n2\"\"\"\nlr = 1e-3 # 5\nn = 100 // 7\ns = 'it 3' + f'4'\n"
                    "t = x[2:5]\nuse = True\nwhile True: pass\nz = 3j\nk = 1_000\n'''6'''\n") ==
        "1e-3 100 7 True 1_000");
}

TEST_CASE("JSON, YAML, TOML and INI: whole values only") {
  CHECK(settings_in("a.json", "{\"n2\": 32, \"v\": \"1.2.3\", \"on\": true, \"l\": [1.5, -2]}\n") ==
        "32 true 1.5 -2");
  CHECK(
      settings_in("a.yaml",
                  "n: 32\ndate: 2024-01-02\ntime: 12:30\nver: 1.2.3\nlist: [4, 5]\ntext: 6 apples\n"
                  "doc: |\n  7\n  8\non: true # 9\nitems:\n  - 10\n  - x1\n") == "32 4 5 true 10");
  CHECK(settings_in(
            "a.toml",
            "[table.3]\nn = 32\nd = 2024-01-02\ns = '4'\nl = [5,\n  6]\nm = \"\"\"7\n8\"\"\"\n"
            "b = false # 9\n") == "32 5 6 false");
  CHECK(settings_in("a.ini", "[s4]\nn = 32\n; 5\nw = a 6\n") == "32");
}

TEST_CASE("shell and make: numbers that are words of their own") {
  CHECK(
      settings_in("a.sh",
                  "#!/bin/sh\nN=64\nM=${M:-8}\nrun --size=32 -j4 $1 2>&1 # 9\ngcc-12 x86-64 'a 3'\n"
                  "cat <<EOF\n7 8\nEOF\nsleep 0.5\n") == "64 8 32 0.5");
  CHECK(settings_in("Makefile", "N := 64\nCFLAGS = -O2 -march=x86-64 $(1) # 5\n") == "64");
}

TEST_CASE("Rust and JavaScript: lifetimes, raw strings, templates, ranges and tuple fields") {
  CHECK(
      settings_in("a.rs",
                  "#[repr(align(64))]\nfn f<'a>(x: &'a str) { let n = 16usize; for i in 1..50 {}\n"
                  "let s = r#\"3 \"4\" \"#; let t = p.0; let c = '5'; let k = 2.5_f32; }\n") ==
      "16usize 1 50 2.5_f32");
  CHECK(
      settings_in("a.js", "const n = 16; const s = `3 ${x}\n4`; // 5\nlet b = false, w = .5;\n") ==
      "16 false .5");
}

TEST_CASE("any bytes give tokens inside the text, in order") {
  std::string text = "\"open\n'x\n/* never closed 1";
  for (int i = 0; i < 256; ++i) text += static_cast<char>(i), text += "0x'_.e-\\";
  for (const char* file : {"a.c", "a.py", "a.sh", "a.yaml", "a.toml", "a.rs", "a", "a.lua"}) {
    std::size_t last = 0;
    for (const auto& t : tokens_of(file, text)) {
      CHECK(t.begin >= last);
      CHECK(t.end > t.begin);
      last = t.end;
    }
    CHECK(last <= text.size());
  }
}
