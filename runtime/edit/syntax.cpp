// SPDX-License-Identifier: MIT
#include "runtime/edit/syntax.hpp"

#include <algorithm>
#include <cctype>
#include <map>

namespace ratchet {

namespace {

syntax c_like() {
  syntax s;
  s.line_comments = {"//"};
  s.block_comments = {{"/*", "*/"}};
  s.quotes = "\"'";
  return s;
}

syntax hash() {
  syntax s;
  s.line_comments = {"#"};
  s.quotes = "\"'";
  return s;
}

struct table {
  std::map<std::string, syntax, std::less<>> by_extension;
  std::map<std::string, syntax, std::less<>> by_name;
  syntax unknown;

  void put(const syntax& s, std::initializer_list<const char*> extensions) {
    for (const char* e : extensions) by_extension[e] = s;
  }

  table() {
    unknown = c_like();
    unknown.line_comments.push_back("#");
    unknown.comment_at_word_start = true;

    syntax c = c_like();
    c.preprocessor = c.raw_strings = true;
    put(c,
        {"c",   "cc", "cpp", "cxx", "c++",  "h",    "hh",    "hpp",  "hxx",  "inl",  "ipp", "cu",
         "cuh", "m",  "mm",  "cl",  "glsl", "hlsl", "metal", "frag", "vert", "comp", "cs",  "ino"});
    syntax rust = c_like();
    rust.preprocessor = rust.raw_strings = rust.lifetimes = true;
    rust.long_quotes = "\"";
    put(rust, {"rs"});
    syntax js = c_like();
    js.quotes += '`';
    js.long_quotes = "`";
    put(js, {"js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "go", "vue", "svelte"});
    put(c_like(), {"java", "kt", "kts", "scala", "swift", "dart", "zig", "proto", "groovy",
                   "gradle", "json", "jsonc", "json5", "v", "sv"});
    syntax php = c_like();
    php.line_comments.push_back("#");
    put(php, {"php"});
    syntax css = c_like();
    css.line_comments.clear();
    put(css, {"css"});
    put(c_like(), {"scss", "less"});

    syntax python = hash();
    python.triple_quotes = true;
    put(python, {"py", "pyi", "pyx", "bzl", "star", "jl", "mojo"});
    put(hash(), {"rb", "pl", "pm", "r", "ex", "exs", "nix", "tf", "hcl", "gd", "cr"});
    syntax shell = hash();
    shell.comment_at_word_start = shell.here_documents = shell.bare_words = true;
    shell.booleans = false;
    shell.long_quotes = "\"'";
    shell.plain_quotes = "'";
    put(shell, {"sh", "bash", "zsh", "fish", "ksh"});
    syntax make = hash();
    make.comment_at_word_start = make.bare_words = true;
    make.booleans = false;
    put(make, {"mk", "mak", "cmake", "dockerfile"});
    for (const char* name :
         {"makefile", "gnumakefile", "dockerfile", "containerfile", "justfile", "cmakelists.txt"})
      by_name[name] = make;
    syntax yaml = hash();
    yaml.comment_at_word_start = yaml.block_scalars = yaml.whole_values = true;
    yaml.long_quotes = "\"'";
    yaml.plain_quotes = "'";
    put(yaml, {"yaml", "yml"});
    syntax toml = hash();
    toml.triple_quotes = toml.whole_values = true;
    toml.plain_quotes = "'";
    put(toml, {"toml"});
    syntax ini = toml;
    ini.triple_quotes = false;
    ini.comment_at_word_start = true;
    ini.line_comments = {"#", ";"};
    put(ini, {"ini", "cfg", "conf", "properties", "env", "desktop"});
    by_name[".env"] = ini;

    syntax dashes;
    dashes.line_comments = {"--"};
    dashes.block_comments = {{"/*", "*/"}};
    dashes.quotes = "\"'";
    dashes.plain_quotes = "'";
    put(dashes, {"sql", "ads", "adb", "vhd", "vhdl"});
    syntax lua = dashes;
    lua.block_comments = {{"--[[", "]]"}};
    lua.plain_quotes.clear();
    put(lua, {"lua"});
    syntax haskell = lua;
    haskell.block_comments = {{"{-", "-}"}};
    haskell.lifetimes = true;
    put(haskell, {"hs", "elm", "purs"});
    syntax ml = haskell;
    ml.line_comments.clear();
    ml.block_comments = {{"(*", "*)"}};
    put(ml, {"ml", "mli"});
    syntax lisp;
    lisp.line_comments = {";"};
    lisp.block_comments = {{"#|", "|#"}};
    lisp.quotes = lisp.long_quotes = "\"";
    put(lisp, {"lisp", "lsp", "el", "scm", "ss", "rkt", "clj", "cljs", "edn", "asm"});
    syntax percent;
    percent.line_comments = {"%"};
    percent.quotes = "\"";
    put(percent, {"tex", "erl", "hrl", "mat", "sty"});
    syntax fortran;
    fortran.line_comments = {"!"};
    fortran.quotes = fortran.plain_quotes = "\"'";
    put(fortran, {"f90", "f95", "f03", "f08"});
    syntax markup;
    markup.block_comments = {{"<!--", "-->"}};
    markup.quotes = markup.long_quotes = markup.plain_quotes = "\"";
    put(markup, {"html", "htm", "xml", "svg", "xhtml", "md", "xaml"});
  }
};

}  // namespace

const syntax& syntax_for(std::string_view path) {
  static const table known;
  auto slash = path.rfind('/');
  std::string name(slash == std::string_view::npos ? path : path.substr(slash + 1));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (auto it = known.by_name.find(name); it != known.by_name.end()) return it->second;
  auto dot = name.rfind('.');
  if (dot == std::string::npos) return known.unknown;
  auto it = known.by_extension.find(std::string_view(name).substr(dot + 1));
  return it == known.by_extension.end() ? known.unknown : it->second;
}

}  // namespace ratchet
