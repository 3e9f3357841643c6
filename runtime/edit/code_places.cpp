// SPDX-License-Identifier: MIT
#include "runtime/edit/code_places.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

#include "runtime/edit/call_names.hpp"
#include "runtime/edit/pieces.hpp"

namespace ratchet {

namespace {

code_place no(std::string why, std::string name = "") {
  code_place p;
  p.why_not = std::move(why);
  p.name = std::move(name);
  return p;
}

class code_reader {
 public:
  code_reader(const source_map& source, std::size_t i)
      : source_(source),
        i_(i),
        t_(source.tokens()[i]),
        before_(source.line_before(t_.begin)),
        around_(source.around(i)) {}

  code_place read() {
    if (auto why = not_plain(); !why.empty()) return no(why, "");
    if (auto macro = define(); macro) return *macro;
    if (auto why = in_control(); !why.empty()) return no(why);
    if (auto positional = by_position(); positional) return *positional;
    auto place = left_side();
    if (!place.why_not.empty()) return place;
    if (!ends()) return no("part of an expression", place.name);
    return place;
  }

 private:
  bool family(file_family f) const { return source_.family() == f; }

  std::string not_plain() const {
    if (t_.setting) return "";
    if (family(file_family::rust) && before_.find("default_value") != std::string_view::npos)
      return "";
    auto text = source_.word(i_);
    if (text.size() > 1 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
      return "a hexadecimal constant";
    if (around_ && around_->open == '[') return "an index or a size in brackets";
    return "in a directive";
  }

  std::optional<code_place> define() const {
    static const RE2 line("^\\s*#\\s*define\\s");
    static const RE2 whole("^\\s*#\\s*define\\s+([A-Za-z_]\\w*)\\s+\\(?\\s*$");
    static const RE2 end("^\\)?\\s*(?:$|//|/\\*)");
    if (family(file_family::python) || !finds(before_, line)) return std::nullopt;
    re2::StringPiece name;
    if (!RE2::PartialMatch(piece(before_), whole, &name) ||
        !finds(trimmed(source_.line_after(t_.end)), end))
      return no("part of a macro's text");
    code_place p;
    p.name = p.variable = std::string(name);
    p.kind = code_place_kind::macro;
    p.fixed = true;
    return p;
  }

  std::string in_control() const {
    auto head = source_.first_word(t_.line);
    auto is = [&](std::initializer_list<std::string_view> list) {
      return std::find(list.begin(), list.end(), head) != list.end();
    };
    if (is({"for", "while", "do", "until", "loop", "foreach"})) return "in a loop's header";
    if (is({"if", "elif", "switch", "case", "match", "when", "unless", "elsif"}) ||
        (head == "else" && before_.find("if") != std::string_view::npos))
      return "in a condition";
    if (is({"return", "yield", "throw", "raise"})) return "returned";
    if (is({"assert", "static_assert", "CHECK", "REQUIRE", "assert_eq", "debug_assert"}))
      return "in a check";
    for (const bracket* b = around_; b; b = source_.above(*b)) {
      if (b->open != '(') continue;
      auto callee = source_.callee(*b);
      auto last = last_part(callee);
      if (last == "for" || last == "while" || last == "foreach") return "in a loop's header";
      if (last == "if" || last == "switch" || last == "elif") return "in a condition";
      if (is_no_place_for_settings(callee)) return "an argument of " + last + "()";
    }
    return "";
  }

  /// A default that stands at a known position of a call that declares an option.
  std::optional<code_place> by_position() const {
    auto gap = trimmed(before_);
    if (!around_ || gap.empty()) return std::nullopt;
    char left = gap.back();
    if (left != '(' && left != ',' && left != '[') return std::nullopt;
    // Python may break the line behind a comma.
    if (around_->open != '(') return no("one of a list");
    auto callee = source_.callee(*around_);
    auto last = last_part(callee);
    int at = source_.argument(i_);
    code_place p;
    p.kind = code_place_kind::option;
    p.fixed = true;
    if (!ends()) return no("part of an expression");
    auto first = around_->first_string >= 0
                     ? unquoted(source_.word(static_cast<std::size_t>(around_->first_string)))
                     : std::string();
    static const RE2 flag(
        "^(?:flag|flags|pflag|fs|viper)\\.(?:Int|Int32|Int64|Uint|Uint64|Float64|"
        "Bool|SetDefault)$");
    if ((last.starts_with("DEFINE_") || finds(callee, flag)) && at == 1) {
      static const RE2 named("^\\(\\s*[\"']?([\\w\\-.]+)");
      re2::StringPiece name;
      if (RE2::PartialMatch(piece(source_.text().substr(around_->at, 200)), named, &name)) {
        p.name = "--" + std::string(name);
        return p;
      }
    }
    if (last == "option" && at >= 2 && first.starts_with('-') && at == around_->commas) {
      p.name = option_name(first);
      return p;
    }
    if ((callee.ends_with("environ.get") || last == "getenv") && at == 1 && !first.empty()) {
      p.name = first;
      return p;
    }
    static const RE2 field("([A-Za-z_]\\w*)\\s*:[^=]*=\\s*[\\w.]+\\(\\s*$");
    re2::StringPiece name;
    if (at == 0 && (last == "Option" || last == "Field" || last == "Argument") &&
        RE2::PartialMatch(piece(before_), field, &name)) {
      p.name = std::string(name);
      return p;
    }
    if (around_->callee < 0) return no("one of a list");
    return no("an argument without a name");
  }

  code_place left_side() const {
    static const RE2 typed(
        "([A-Za-z_$][\\w$]*)\\s*:\\s*[^=(){};:?]*[^=(){};:!<+\\-*/%&|^? ]\\s*=\\s*$");
    static const RE2 plain("([A-Za-z_$][\\w$]*(?:(?:\\.|->|::)[A-Za-z_$][\\w$]*)*)\\s*(:?=)\\s*$");
    static const RE2 braced(
        "(?:const|constexpr|static|auto|int|float|double|size_t|unsigned|long|short|u?int\\d+_t)\\b"
        "[\\w:<>\\s&]*\\s([A-Za-z_]\\w*)\\s*\\{\\s*$");
    static const RE2 keyed("(?:^|[{,(\\s])[\"'`]?([A-Za-z_$][\\w$.\\-]*)[\"'`]?\\s*:\\s*$");
    static const RE2 rocket("[\"':]?([A-Za-z_]\\w*)[\"']?\\s*=>\\s*$");
    static const RE2 arrow("([A-Za-z_.][\\w.]*)\\s*<-\\s*$");
    auto left = trimmed(before_);
    re2::StringPiece name, op;
    bool has_types = family(file_family::python) || family(file_family::script) ||
                     family(file_family::rust) || family(file_family::other_code);
    if (has_types && left.ends_with('=') && RE2::PartialMatch(piece(before_), typed, &name)) {
      std::string found(name);
      static const std::set<std::string> words{"else",   "try",     "finally",  "default",
                                               "public", "private", "protected"};
      if (!words.count(found)) return assigned(found, name.data());
    }
    if (left.ends_with('=') && RE2::PartialMatch(piece(before_), plain, &name, &op)) {
      if (op == ":=" && !family(file_family::other_code)) return no("part of an expression");
      return assigned(std::string(name), name.data());
    }
    if (left.ends_with('{') && family(file_family::c_like) &&
        RE2::PartialMatch(piece(before_), braced, &name) &&
        trimmed(source_.line_after(t_.end)).starts_with('}'))
      return assigned(std::string(name), name.data());
    if (left.ends_with(':') && !family(file_family::c_like) && around_ && around_->open != '[' &&
        before_.find('?') == std::string_view::npos &&
        RE2::PartialMatch(piece(before_), keyed, &name)) {
      if (around_->open == '(' && family(file_family::script)) return no("part of an expression");
      if (name == "default" || name == "lambda") return no("part of an expression");
      code_place p;
      p.name = std::string(name);
      p.kind = code_place_kind::key;
      p.fixed = true;
      return p;
    }
    if (left.ends_with("<-") && RE2::PartialMatch(piece(before_), arrow, &name))
      return assigned(std::string(name), name.data());
    if (left.ends_with("=>") && family(file_family::other_code) && around_ &&
        RE2::PartialMatch(piece(before_), rocket, &name)) {
      code_place p;
      p.name = std::string(name);
      p.kind = code_place_kind::key;
      p.fixed = true;
      return p;
    }
    return no("part of an expression");
  }

  code_place assigned(std::string name, const char* where) const {
    code_place p;
    auto prefix = before_.substr(0, static_cast<std::size_t>(where - before_.data()));
    auto front = trimmed(prefix);
    char last = front.empty() ? '\n' : front.back();
    if (last == '.' && front.size() > 1 &&
        std::string_view(" ({,\t").find(front[front.size() - 2]) == std::string_view::npos)
      return no("a member of an object", name);
    if (last == '*' || (last == '&' && family(file_family::c_like)))
      return no("behind a pointer", name);
    p.name = p.variable = name;
    static const RE2 constant(
        "\\b(?:const|constexpr|final|val|readonly|static\\s+const|#define)\\b");
    p.fixed = finds(prefix, constant) ||
              (family(file_family::rust) && prefix.find("mut ") == std::string_view::npos);
    auto dot = name.find_last_of(".>");
    if (dot != std::string::npos) {
      auto member = name.substr(dot + 1);
      if (!is_capital(member) && !config_like(name.substr(0, dot)))
        return no("a member of an object", name);
      p.variable.clear();
      p.fixed = true;
    } else if (name.find("::") != std::string::npos) {
      p.variable = name.substr(name.rfind(':') + 1);
    }
    bool capital = is_capital(name);
    p.weight = capital || p.fixed ? 1 : 0.8;
    if (around_ && around_->open == '(') return keyword(std::move(p));
    if (around_ && around_->open == '[') return no("one of a list", name);
    if (around_ && around_->open == '{' && is_enum()) {
      p.kind = code_place_kind::enumerator;
      p.fixed = true;
    }
    return p;
  }

  code_place keyword(code_place p) const {
    auto callee = source_.callee(*around_);
    p.fixed = true;
    p.variable.clear();
    if (declares_options(callee)) {
      p.kind = code_place_kind::option;
      if (p.name == "default" || p.name.starts_with("default_value")) {
        int text = around_->long_option >= 0 ? around_->long_option : around_->first_string;
        if (text >= 0)
          p.name = option_name(unquoted(source_.word(static_cast<std::size_t>(text))));
        else if (auto field = field_below(); !field.empty())
          p.name = field;
        else if (auto own = field_here(); !own.empty())
          p.name = own;
        return p;
      }
      return no("describes an option");
    }
    if ((p.name == "default" || p.name == "default_value") && !field_here().empty()) {
      p.name = field_here();
      p.kind = code_place_kind::option;
      return p;
    }
    bool definition = defines();
    p.kind = definition ? code_place_kind::keyword : code_place_kind::call_keyword;
    p.weight = definition ? 0.7 : 0.6;
    return p;
  }

  /// def f(lr=0.1), function f(size = 64), int f(int n = 64)
  bool defines() const {
    if (around_->callee < 0) return true;
    auto callee = static_cast<std::size_t>(around_->callee);
    if (callee == 0) return false;
    const auto& previous = source_.tokens()[callee - 1];
    auto word = source_.word(callee - 1);
    if (previous.line != source_.tokens()[callee].line) return false;
    return word == "def" || word == "fn" || word == "function" || word == "func" ||
           source_.word(callee) == "constructor" ||
           (family(file_family::c_like) && previous.kind == token_kind::word &&
            trimmed(
                source_.text().substr(previous.end, source_.tokens()[callee].begin - previous.end))
                .empty() &&
            word != "return" && word != "new");
  }

  /// `name: type = field(default=…)`
  std::string field_here() const {
    static const RE2 field("^\\s*([A-Za-z_]\\w*)\\s*:[^=]*=\\s*[\\w.]+\\(");
    re2::StringPiece name;
    return RE2::PartialMatch(piece(before_), field, &name) ? std::string(name) : "";
  }

  /// The field that an attribute such as #[arg(default_value_t = 64)] is for.
  std::string field_below() const {
    static const RE2 field("^\\s*(?:pub\\s+)?([A-Za-z_]\\w*)\\s*:");
    if (!family(file_family::rust)) return "";
    auto rest = source_.text().substr(t_.end);
    for (int n = 0; n < 4; ++n) {
      auto end = rest.find('\n');
      if (end == std::string_view::npos) return "";
      rest.remove_prefix(end + 1);
      re2::StringPiece name;
      if (RE2::PartialMatch(piece(rest.substr(0, rest.find('\n'))), field, &name))
        return "--" + std::string(name);
    }
    return "";
  }

  bool is_enum() const {
    auto head = source_.line_before(around_->at);
    static const RE2 word("\\benum\\b");
    return finds(head, word);
  }

  static bool is_capital(std::string_view name) {
    return std::any_of(name.begin(), name.end(), [](unsigned char c) { return std::isupper(c); }) &&
           std::none_of(name.begin(), name.end(), [](unsigned char c) { return std::islower(c); });
  }

  static bool config_like(std::string object) {
    for (char& c : object) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    static const RE2 known(
        "(?:^|[.>_])(?:config|cfg|conf|args|opts?|options?|hp|hparams|settings|"
        "params?|defaults|flags|hyperparameters)$");
    return RE2::PartialMatch(object, known);
  }

  /// Whether nothing but the end of the statement, of the argument or of the line follows.
  bool ends() const {
    auto rest = source_.line_after(t_.end);
    if (i_ + 1 < source_.tokens().size()) {
      const auto& next = source_.tokens()[i_ + 1];
      if (next.kind == token_kind::comment && next.line == t_.line)
        rest = rest.substr(0, next.begin - t_.end);
    }
    rest = trimmed(rest);
    if (!rest.empty()) return std::string_view(";,)}").find(rest.front()) != std::string_view::npos;
    // The expression may go on in the next line.
    std::size_t k = t_.end;
    for (std::size_t n = i_ + 1; n < source_.tokens().size(); ++n) {
      const auto& next = source_.tokens()[n];
      if (next.kind != token_kind::comment) break;
      if (!trimmed(source_.text().substr(k, next.begin - k)).empty()) break;
      k = next.end;
    }
    auto below = trimmed(source_.text().substr(k, 200));
    char c = below.empty() ? '\n' : below.front();
    if (around_)
      return std::string_view(",)}]\n").find(c) != std::string_view::npos ||
             (around_->open == '{' && !family(file_family::c_like) &&
              std::string_view("*/+?%&|.").find(c) == std::string_view::npos);
    if (family(file_family::c_like) || family(file_family::rust)) return c == ';' || c == ',';
    if (family(file_family::python)) return true;
    return std::string_view("*/+?%&|.").find(c) == std::string_view::npos;
  }

  const source_map& source_;
  std::size_t i_;
  const token& t_;
  std::string_view before_;
  const bracket* around_;
};

}  // namespace

code_place code_place_of(const source_map& source, std::size_t token) {
  return code_reader(source, token).read();
}

}  // namespace ratchet
