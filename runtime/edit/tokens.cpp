// SPDX-License-Identifier: MIT
#include "runtime/edit/tokens.hpp"

#include <cctype>
#include <string>

#include "actors/logic/number_text.hpp"
#include "runtime/edit/number_form.hpp"
#include "runtime/edit/syntax.hpp"

namespace ratchet {

namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool word_start(char c) {
  auto u = static_cast<unsigned char>(c);
  return std::isalpha(u) || c == '_' || u >= 0x80;
}
bool word_part(char c) { return word_start(c) || is_digit(c); }
bool one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

class scanner {
 public:
  scanner(std::string_view path, std::string_view text) : text_(text), syntax_(syntax_for(path)) {}

  std::vector<token> run() {
    while (pos_ < text_.size()) step();
    return std::move(tokens_);
  }

 private:
  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\n'; }
  char before(std::size_t i) const { return i > 0 ? text_[i - 1] : '\n'; }
  bool starts(std::string_view s) const { return text_.substr(pos_, s.size()) == s; }
  std::size_t line_end(std::size_t from) const {
    auto end = text_.find('\n', from);
    return end == std::string_view::npos ? text_.size() : end;
  }
  /// Only blanks between the start of the line and `i`.
  bool first_on_line(std::size_t i) const {
    while (i > 0 && blank(text_[i - 1])) --i;
    return i == 0 || text_[i - 1] == '\n';
  }

  void emit(token_kind kind, std::size_t end, bool setting = false) {
    tokens_.push_back({kind, pos_, end, line_, setting});
    for (; pos_ < end; ++pos_)
      if (text_[pos_] == '\n') ++line_;
  }

  void step() {
    char c = text_[pos_];
    if (c == '\n') {
      if (before(pos_) != '\\') directive_ = false;
      ++line_, ++pos_;
    } else if (blank(c)) {
      ++pos_;
    } else if (comment() || directive() || long_text() || quoted()) {
      // consumed
    } else if (word_start(c) || c == '$' || c == '@') {
      word();
    } else if (is_digit(c) ||
               (c == '.' && is_digit(at(pos_ + 1)) && !one_of(before(pos_), ").]"))) {
      number();
    } else {
      bracket(c);
      ++pos_;
    }
  }

  void bracket(char c) {
    if (c == '[')
      subscripts_.push_back(word_part(before(pos_)) || one_of(before(pos_), ")]"));
    else if (c == ']' && !subscripts_.empty())
      subscripts_.pop_back();
  }

  bool comment() {
    for (const auto& [open, close] : syntax_.block_comments)
      if (starts(open)) {
        auto end = text_.find(close, pos_ + open.size());
        emit(token_kind::comment,
             end == std::string_view::npos ? text_.size() : end + close.size());
        return true;
      }
    for (const auto& mark : syntax_.line_comments)
      if (starts(mark)) {
        char left = before(pos_);
        if (syntax_.comment_at_word_start && left != '\n' && !blank(left) && left != ';' &&
            (mark != "//" || left == ':'))
          continue;
        emit(token_kind::comment, line_end(pos_));
        return true;
      }
    return false;
  }

  /// Lines on which only annotated literals count: directives but #define, and table headers.
  bool directive() {
    char c = text_[pos_];
    if (syntax_.preprocessor && c == '#' && first_on_line(pos_)) {
      std::size_t i = pos_ + 1;
      while (blank(at(i))) ++i;
      directive_ = text_.substr(i, 6) != "define";
      std::size_t end = i;
      while (word_part(at(end))) ++end;
      std::string_view name = text_.substr(i, end - i);
      if (name == "include" || name == "error" || name == "warning" || name == "import")
        end = line_end(end);
      emit(token_kind::word, end);
      return true;
    }
    if (syntax_.whole_values && !syntax_.block_scalars && c == '[' && subscripts_.empty() &&
        first_on_line(pos_)) {
      std::size_t end = pos_;
      while (end < text_.size() && !one_of(text_[end], "\n#")) ++end;
      emit(token_kind::word, end);
      return true;
    }
    return false;
  }

  /// Text that runs over lines: triple quotes, raw strings, here-documents, block scalars.
  bool long_text() {
    if (syntax_.triple_quotes)
      for (std::string_view mark : {"\"\"\"", "'''"})
        if (starts(mark)) {
          auto end = pos_ + 3;
          while (end < text_.size() && text_.substr(end, 3) != mark)
            end += text_[end] == '\\' ? 2 : 1;
          emit(token_kind::string, std::min(end + 3, text_.size()));
          return true;
        }
    if (syntax_.raw_strings && !word_part(before(pos_)) && one_of(text_[pos_], "Rr")) {
      bool rust = text_[pos_] == 'r';
      std::size_t i = pos_ + 1;
      std::string close;
      if (rust) {
        close = "\"";
        while (at(i) == '#') close += '#', ++i;
        if (at(i) != '"') return false;
      } else {
        auto open = text_.find('(', i);
        if (at(i) != '"' || open == std::string_view::npos || open - i > 17) return false;
        close = ")" + std::string(text_.substr(i + 1, open - i - 1)) + "\"";
        i = open;
      }
      auto end = text_.find(close, i + 1);
      emit(token_kind::string, end == std::string_view::npos ? text_.size() : end + close.size());
      return true;
    }
    if (syntax_.here_documents && starts("<<") && at(pos_ + 2) != '<') return here_document();
    if (syntax_.block_scalars && one_of(text_[pos_], "|>")) return block_scalar();
    return false;
  }

  bool here_document() {
    std::size_t i = pos_ + 2;
    while (one_of(at(i), "-~ \"'\\")) ++i;
    std::size_t start = i;
    while (word_part(at(i))) ++i;
    std::string_view word = text_.substr(start, i - start);
    if (word.empty() || is_digit(word.front())) return false;
    for (std::size_t from = line_end(i); from < text_.size();) {
      auto end = line_end(++from);
      std::string_view line = text_.substr(from, end - from);
      while (!line.empty() && blank(line.front())) line.remove_prefix(1);
      if (line == word) {
        emit(token_kind::string, end);
        return true;
      }
      from = end;
    }
    return false;
  }

  bool block_scalar() {
    std::size_t end = line_end(pos_), i = pos_ + 1;
    while (i < end && (one_of(text_[i], "+- \t\r") || is_digit(text_[i]))) ++i;
    if ((i != end && text_[i] != '#') || !one_of(before(pos_), " ")) return false;
    auto indent_of = [&](std::size_t from) {
      std::size_t n = from;
      while (n < text_.size() && text_[n] == ' ') ++n;
      return n - from;
    };
    std::size_t start = pos_;
    while (start > 0 && text_[start - 1] != '\n') --start;
    std::size_t own = indent_of(start), last = end;
    for (std::size_t from = end + 1; from < text_.size(); from = line_end(from) + 1) {
      std::size_t indent = indent_of(from);
      bool empty = one_of(at(from + indent), "\n\r");
      if (!empty && indent <= own) break;
      if (!empty) last = line_end(from);
    }
    emit(token_kind::string, last);
    return true;
  }

  bool quoted() {
    char quote = text_[pos_];
    if (!one_of(quote, syntax_.quotes)) return false;
    if (quote == '\'' && word_part(before(pos_)) && !one_of(before(pos_), "uULbBrRfF")) {
      ++pos_;  // a prime or an apostrophe: don't
      return true;
    }
    bool escapes = !one_of(quote, syntax_.plain_quotes);
    bool spans = one_of(quote, syntax_.long_quotes);
    std::size_t end = pos_ + 1;
    while (end < text_.size() && text_[end] != quote) {
      if (text_[end] == '\n' && !spans) break;
      end += escapes && text_[end] == '\\' ? 2 : 1;
    }
    bool closed = end < text_.size() && text_[end] == quote;
    if (closed && quote == '\'' && syntax_.lifetimes && end - pos_ > 2 && at(pos_ + 1) != '\\' &&
        static_cast<unsigned char>(at(pos_ + 1)) < 0x80)
      closed = false;  // Rust: <'a, 'b>
    if (closed)
      emit(token_kind::string, end + 1);
    else
      ++pos_;
    return true;
  }

  void word() {
    std::size_t end = pos_ + 1;
    while (word_part(at(end))) ++end;
    // x.0 and v1.2.3 are one word; so is a path's or a version's tail in bare-word languages.
    while (at(end) == '.' && is_digit(at(end + 1))) {
      ++end;
      while (word_part(at(end))) ++end;
    }
    std::string_view name = text_.substr(pos_, end - pos_);
    bool boolean = syntax_.booleans &&
                   (name == "true" || name == "false" || name == "True" || name == "False");
    if (boolean) {
      std::size_t i = pos_;
      while (i > 0 && (blank(text_[i - 1]) || text_[i - 1] == '(')) --i;
      // An endless loop is the program's shape, not a setting.
      boolean = !(i >= 5 && text_.substr(i - 5, 5) == "while") && !directive_ &&
                before(pos_) != '.' && stands_alone(pos_, end);
    }
    emit(token_kind::word, end, boolean);
  }

  bool stands_alone(std::size_t begin, std::size_t end) const {
    if (!syntax_.bare_words && !syntax_.whole_values) return true;
    char left = before(begin), right = at(end);
    if (syntax_.bare_words) {
      bool shell_default = begin >= 2 && text_[begin - 2] == ':' && (left == '-' || left == '=');
      if (left == '(' && begin >= 2 && text_[begin - 2] == '$') return false;  // make's $(1)
      return (shell_default || blank(left) || one_of(left, "\n=,([{")) &&
             (blank(right) || one_of(right, "\n,)]};"));
    }
    std::size_t i = begin, j = end;
    while (i > 0 && blank(text_[i - 1])) --i;
    while (blank(at(j))) ++j;
    char previous = before(i);
    bool starts_value = one_of(previous, "=[,{") || (previous == ':' && i < begin) ||
                        (previous == '\n' && !subscripts_.empty());
    if (previous == '-' && i < begin) {
      std::size_t k = i - 1;
      while (k > 0 && (blank(text_[k - 1]) || text_[k - 1] == '-')) --k;
      starts_value = before(k) == '\n';
    }
    bool ends_value = one_of(at(j), "\n,]}") || (j > end && one_of(at(j), "#;"));
    return starts_value && ends_value;
  }

  /// Whether the '-' before `pos_` is this number's sign.
  bool signed_here() const {
    if (before(pos_) != '-') return false;
    std::size_t i = pos_ - 1;
    char left = before(i);
    if (syntax_.bare_words) return blank(left) || one_of(left, "\n=,([{");
    if (syntax_.whole_values) return blank(left) || one_of(left, "\n=,[{:");
    while (i > 0 && blank(text_[i - 1])) --i;
    left = before(i);
    if (one_of(left, "=(,:[{<>?!&|;+*/%^~\n")) return true;
    return i >= 6 && text_.substr(i - 6, 6) == "return";
  }

  void number() {
    std::size_t start = pos_, end = pos_;
    bool hex = at(pos_) == '0' && (at(pos_ + 1) == 'x' || at(pos_ + 1) == 'X');
    auto accepts = [&](char c) {
      return hex ? std::isxdigit(static_cast<unsigned char>(c)) != 0 : is_digit(c);
    };
    auto digits = [&] {
      while (accepts(at(end)) || ((at(end) == '_' || (at(end) == '\'' && syntax_.preprocessor)) &&
                                  end > start && accepts(at(end - 1)) && accepts(at(end + 1))))
        ++end;
    };
    if (hex) end += 2;
    digits();
    if (!hex && at(end) == '.' && at(end + 1) != '.' && !word_start(at(end + 1))) {
      ++end;
      digits();
    }
    if (!hex && one_of(at(end), "eE")) {
      std::size_t e = end + 1 + (one_of(at(end + 1), "+-") ? 1 : 0);
      if (is_digit(at(e))) {
        end = e;
        digits();
      }
    }
    while (word_part(at(end))) ++end;
    bool version = false;
    while (at(end) == '.' && is_digit(at(end + 1))) {
      version = true;
      ++end;
      while (word_part(at(end))) ++end;
    }
    if (signed_here()) --pos_, --start;
    auto form = parse_number(text_.substr(start, end - start));
    if (version || !form || word_part(before(start)) ||
        (before(start) == '.' && (start < 2 || text_[start - 2] != '.'))) {
      emit(token_kind::word, end);
      return;
    }
    bool subscript = !subscripts_.empty() && subscripts_.back();
    emit(token_kind::number, end, !hex && !subscript && !directive_ && stands_alone(start, end));
  }

  std::string_view text_;
  const syntax& syntax_;
  std::vector<token> tokens_;
  std::vector<bool> subscripts_;  ///< open '[': whether it follows a name
  std::size_t pos_ = 0;
  int line_ = 1;
  bool directive_ = false;
};

}  // namespace

std::vector<token> tokens_of(std::string_view path, std::string_view text) {
  return scanner(path, text).run();
}

}  // namespace ratchet
