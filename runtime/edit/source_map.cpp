// SPDX-License-Identifier: MIT
#include "runtime/edit/source_map.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "runtime/edit/pieces.hpp"

namespace ratchet {

namespace {

std::string in_lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// Whether a preprocessor's condition holds on other systems only (+1), on this one only (-1: its
/// #else is foreign), or says nothing of systems (0).
int foreignness(std::string_view directive, std::string_view condition) {
  static const RE2 others(
      "_WIN32|_WIN64|\\bWIN32\\b|_MSC_VER|__APPLE__|__MACH__|TARGET_OS_|__FreeBSD__|__OpenBSD__|"
      "__NetBSD__|__DragonFly__|__ANDROID__|__EMSCRIPTEN__|__CYGWIN__|__MINGW|__sun\\b|_AIX|"
      "__HAIKU__|__wasm|_M_X64|_M_IX86|_M_ARM"
#if !defined(__aarch64__) && !defined(__arm__)
      "|__aarch64__|__arm__|__ARM_|__arm64"
#endif
#if !defined(__x86_64__) && !defined(__i386__)
      "|__x86_64__|__i386__|__SSE|__AVX"
#endif
      "|__powerpc|__ppc|__s390|__mips|__sparc|__riscv|__alpha__|__loongarch");
  static const RE2 ours("__linux|__unix|__GNUC__|__GLIBC__|_POSIX|__clang__");
  static const RE2 negated("!\\s*(?:defined|\\()");
  static const RE2 never("^\\s*0\\s*$");
  if (finds(condition, never)) return directive == "if" ? 1 : 0;
  int sign = directive == "ifndef" || (directive != "ifdef" && finds(condition, negated)) ? -1 : 1;
  if (finds(condition, others)) return sign;
  if (finds(condition, ours)) return -sign;
  return 0;
}

}  // namespace

file_family family_of(std::string_view path) {
  auto slash = path.rfind('/');
  std::string name = in_lower_case(slash == std::string_view::npos ? path : path.substr(slash + 1));
  auto dot = name.rfind('.');
  std::string ext = dot == std::string::npos ? "" : name.substr(dot + 1);
  auto in = [&](std::initializer_list<std::string_view> list) {
    return std::find(list.begin(), list.end(), ext) != list.end();
  };
  if (name == "cmakelists.txt" || ext == "cmake") return file_family::cmake;
  if (name.starts_with("makefile") || name == "gnumakefile" || name == "justfile" ||
      name.starts_with("dockerfile") || name == "containerfile" || in({"mk", "mak", "dockerfile"}))
    return file_family::make;
  if (name.starts_with(".env") ||
      in({"toml", "ini", "cfg", "conf", "properties", "env", "desktop"}))
    return file_family::table;
  if (in({"json", "jsonc", "json5"})) return file_family::json;
  if (in({"yaml", "yml"})) return file_family::yaml;
  if (in({"sh", "bash", "zsh", "fish", "ksh"})) return file_family::shell;
  if (in({"sql"})) return file_family::sql;
  if (in({"c",     "cc",   "cpp",  "cxx",  "c++", "h",   "hh",   "hpp",  "hxx",
          "inl",   "ipp",  "cu",   "cuh",  "m",   "mm",  "cl",   "glsl", "hlsl",
          "metal", "frag", "vert", "comp", "cs",  "ino", "java", "d"}))
    return file_family::c_like;
  if (in({"py", "pyi", "pyx", "bzl", "star", "mojo"})) return file_family::python;
  if (in({"js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "vue", "svelte"}))
    return file_family::script;
  if (in({"rs"})) return file_family::rust;
  if (ext.empty() || in({"txt", "md", "prompt", "tmpl", "jinja", "j2", "html", "htm", "xml", "tex",
                         "rst", "csv", "tsv", "svg"}))
    return file_family::prose;
  return file_family::other_code;
}

bool is_code(file_family f) {
  return f == file_family::c_like || f == file_family::python || f == file_family::script ||
         f == file_family::rust || f == file_family::other_code;
}

source_map::source_map(std::string_view path, std::string_view text, std::vector<token> tokens)
    : family_(family_of(path)), text_(text), tokens_(std::move(tokens)) {
  line_starts_ = {0, 0};  // lines count from 1
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n') line_starts_.push_back(i + 1);
  apart_.resize(line_starts_.size());
  for (std::size_t i = 0; i < tokens_.size(); ++i)
    if (tokens_[i].kind == token_kind::word) uses_[word(i)].push_back(i);
  read_brackets();
  if (is_code(family_)) {
    read_conditionals();
    read_blocks();
  }
}

void source_map::read_brackets() {
  std::vector<int> open;
  std::vector<int> commas{0};
  std::size_t from = 0;
  auto walk = [&](std::size_t to, int before) {
    bool touched = true;  // only blanks since the token before
    for (std::size_t i = from; i < to; ++i) {
      char c = text_[i];
      if (c == '(' || c == '[' || c == '{') {
        bracket b;
        b.open = c;
        b.at = i;
        b.before = before;
        b.parent = open.empty() ? -1 : open.back();
        if (touched && before >= 0 &&
            tokens_[static_cast<std::size_t>(before)].kind == token_kind::word)
          b.callee = before;
        open.push_back(static_cast<int>(brackets_.size()));
        brackets_.push_back(b);
        commas.push_back(0);
      } else if ((c == ')' || c == ']' || c == '}') && !open.empty()) {
        open.pop_back();
        commas.pop_back();
      } else if (c == ',') {
        ++commas.back();
        if (!open.empty()) ++brackets_[static_cast<std::size_t>(open.back())].commas;
      }
      if (!is_blank(c)) touched = false;
    }
  };
  int last = -1;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    walk(tokens_[i].begin, last);
    from = tokens_[i].end;
    around_.push_back(open.empty() ? -1 : open.back());
    argument_.push_back(commas.back());
    if (tokens_[i].kind == token_kind::comment) continue;
    last = static_cast<int>(i);
    if (tokens_[i].kind != token_kind::string || open.empty()) continue;
    auto& b = brackets_[static_cast<std::size_t>(open.back())];
    auto inside = word(i);
    if (b.first_string < 0) b.first_string = last;
    if (b.long_option < 0 && inside.size() > 4 && inside.substr(1, 2) == "--") b.long_option = last;
  }
}

void source_map::read_conditionals() {
  struct level {
    bool foreign = false;  ///< this branch
    int outer = 0;         ///< how many foreign levels are around it
    int kind = 0;          ///< of the branch before
  };
  std::vector<level> levels;
  std::size_t next = 0;
  for (int line = 1; line < static_cast<int>(line_starts_.size()); ++line) {
    while (next < tokens_.size() && tokens_[next].line < line) ++next;
    if (next < tokens_.size() && tokens_[next].line == line && word(next).starts_with('#') &&
        tokens_[next].kind == token_kind::word) {
      auto name = word(next).substr(1);
      while (!name.empty() && is_blank(name.front())) name.remove_prefix(1);
      auto condition = line_after(tokens_[next].end);
      if (name == "if" || name == "ifdef" || name == "ifndef") {
        int kind = foreignness(name, condition);
        levels.push_back({kind > 0, 0, kind});
      } else if (name == "elif" && !levels.empty()) {
        auto& top = levels.back();
        int kind = foreignness("if", condition);
        top.foreign = kind > 0 || top.kind < 0;
        if (kind < 0) top.kind = -1;
      } else if (name == "else" && !levels.empty()) {
        levels.back().foreign = levels.back().kind < 0;
      } else if (name == "endif" && !levels.empty()) {
        levels.pop_back();
      }
    }
    if (std::any_of(levels.begin(), levels.end(), [](const level& l) { return l.foreign; }))
      apart_[static_cast<std::size_t>(line)] = "under another system's #ifdef";
  }
}

// Blocks by indentation: a test, or code for another system. Good enough for braces, too, as they
// are indented by everybody.
void source_map::read_blocks() {
  static const RE2 test(
      "^\\s*(?:async\\s+)?def\\s+test_|^\\s*class\\s+Test|^\\s*#\\[(?:cfg\\(test\\)|test\\])|"
      "^\\s*(?:fn|void|func|static void)\\s+(?:test_|Test[A-Z])|"
      "^\\s*(?:TEST|TEST_F|TEST_P|TEST_CASE|BOOST_AUTO_TEST_CASE|describe|it|test)\\s*\\(");
  static const RE2 foreign(
      "(?:sys\\.platform|os\\.name|platform\\.system\\(\\)|process\\.platform|runtime\\.GOOS)\\s*"
      "(?:===?|\\.startswith\\()\\s*[\"'](?:win|nt|darwin|Windows|Darwin|cygwin|aix|freebsd|sunos)|"
      "#\\[cfg\\((?:windows|target_os\\s*=\\s*\"(?:macos|windows|ios|android|freebsd))");
  int lines = static_cast<int>(line_starts_.size());
  auto text_of = [&](int line) { return line_after(line_starts_[static_cast<std::size_t>(line)]); };
  auto indent_of = [&](std::string_view s) {
    std::size_t n = 0;
    while (n < s.size() && is_blank(s[n])) ++n;
    return n == s.size() ? std::string_view::npos : n;
  };
  for (int line = 1; line < lines; ++line) {
    auto head = text_of(line);
    std::string_view why;
    if (finds(head, test))
      why = "in a test";
    else if (finds(head, foreign))
      why = "code for another system";
    else
      continue;
    auto indent = indent_of(head);
    bool attribute = head.find("#[") != std::string_view::npos;
    apart_[static_cast<std::size_t>(line)] = why;
    for (int l = line + 1; l < lines; ++l) {
      auto body = text_of(l);
      auto in = indent_of(body);
      if (in == std::string_view::npos) continue;
      if (in <= indent && !attribute && body[in] != '}' && body[in] != ')') break;
      if (in <= indent && !attribute) {
        apart_[static_cast<std::size_t>(l)] = why;
        break;
      }
      apart_[static_cast<std::size_t>(l)] = why;
      // An attribute's item is the next line, and its block if it opens one.
      if (attribute && in <= indent && body.find("#[") == std::string_view::npos) {
        attribute = false;
        if (body.find('{') == std::string_view::npos) break;
      }
    }
  }
}

const bracket* source_map::around(std::size_t token) const {
  return around_[token] < 0 ? nullptr : &brackets_[static_cast<std::size_t>(around_[token])];
}

const bracket* source_map::above(const bracket& b) const {
  return b.parent < 0 ? nullptr : &brackets_[static_cast<std::size_t>(b.parent)];
}

std::string source_map::callee(const bracket& b) const {
  if (b.callee < 0) return "";
  auto i = static_cast<std::size_t>(b.callee);
  std::string name(word(i));
  while (i > 0 && tokens_[i - 1].kind == token_kind::word) {
    auto between = text_.substr(tokens_[i - 1].end, tokens_[i].begin - tokens_[i - 1].end);
    if (between != "." && between != "::" && between != "->") break;
    name = std::string(word(--i)) + "." + name;
  }
  return name;
}

std::string_view source_map::line_before(std::size_t offset) const {
  auto start = text_.rfind('\n', offset == 0 ? 0 : offset - 1);
  if (offset == 0 || start == std::string_view::npos) return text_.substr(0, offset);
  return text_.substr(start + 1, offset - start - 1);
}

std::string_view source_map::line_after(std::size_t offset) const {
  auto end = std::min(text_.find('\n', offset), text_.size());
  return text_.substr(std::min(offset, text_.size()), end - std::min(offset, end));
}

std::string_view source_map::first_word(int line) const {
  auto rest = line_after(line_starts_[static_cast<std::size_t>(line)]);
  while (!rest.empty() && (is_blank(rest.front()) || rest.front() == '}')) rest.remove_prefix(1);
  std::size_t n = 0;
  while (n < rest.size() &&
         (std::isalnum(static_cast<unsigned char>(rest[n])) || rest[n] == '_' || rest[n] == '@'))
    ++n;
  return rest.substr(0, n);
}

std::string_view source_map::set_apart(int line) const {
  return apart_[static_cast<std::size_t>(line)];
}

const std::vector<std::size_t>& source_map::uses(std::string_view name) const {
  static const std::vector<std::size_t> none;
  auto it = uses_.find(name);
  return it == uses_.end() ? none : it->second;
}

}  // namespace ratchet
