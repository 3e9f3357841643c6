// SPDX-License-Identifier: MIT
#include "actors/logic/error_excerpt.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "actors/logic/failed_tests.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::size_t longest_line = 400;

/// Where a cause begins and ends, in lines.
struct extent {
  std::size_t begin = 0, end = 0;
};

bool matches(std::string_view line, const RE2& pattern) {
  return RE2::PartialMatch({line.data(), line.size()}, pattern);
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

bool is_indented(std::string_view line) { return line.starts_with(' ') || line.starts_with('\t'); }

/// From "Traceback" to the exception's last line: the first that is not indented, and what belongs
/// to its message. Chained tracebacks are several; the last is taken.
std::size_t traceback_end(const std::vector<std::string_view>& lines, std::size_t begin) {
  std::size_t i = begin + 1;
  while (i < lines.size() && (is_indented(lines[i]) || is_blank(lines[i]))) ++i;
  return std::min(i + 1, lines.size());
}

/// Up to the first blank line after which nothing of the block follows: an indented line (CMake
/// sets paths apart so), a compiler's note, a line of quoted code.
std::size_t block_end(const std::vector<std::string_view>& lines, std::size_t begin) {
  static const RE2 belongs(R"(^\s+\S|: note: |^\d* *\||^(?:compilation terminated|cc1))");
  const std::size_t last = std::min(lines.size(), begin + 2 * max_excerpt_lines);
  std::size_t i = begin + 1;
  while (i < last) {
    if (!is_blank(lines[i])) {
      ++i;
      continue;
    }
    std::size_t next = i;
    while (next < last && next < i + 3 && is_blank(lines[next])) ++next;
    if (next >= last || is_blank(lines[next]) || !matches(lines[next], belongs)) break;
    i = next;
  }
  return i;
}

/// The last cause in the lines.
std::optional<extent> last_cause(const std::vector<std::string_view>& lines) {
  static const RE2 traceback(R"(^\s*(?:\S+\s+)?Traceback \(most recent call last\):)");
  static const RE2 compiler(
      R"(^\S[^:]*:\d+(?::\d+)?: (?:fatal |internal compiler )?error: |^\S[^(]*\(\d+(?:,\d+)?\): error |^error(?:\[E\d+\])?: |: undefined reference to |^(?:\S*ld|collect2): (?:error: |cannot find )|^make(?:\[\d+\])?: \*\*\* |^CMake Error)");
  static const RE2 panic(
      R"(^thread '.*' (?:\(\d+\) )?panicked at |^panic: |^fatal error: |^terminate called |Assertion [`'].*' failed|: Assertion .* failed\.?$|^=*\d*=*\s*(?:==\d+==\s*)?(?:ERROR|WARNING): (?:Address|Leak|Memory|Thread)Sanitizer|runtime error: |^Exception in thread |^(?:Uncaught )?[A-Z][A-Za-z]*(?:Error|Exception)(?:: |$)|^Segmentation fault|^\*\*\* )");
  std::optional<extent> found;
  std::size_t compilation_end = 0;  // an error before this line belongs to the compilation above
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string_view line = lines[i];
    if (line.size() > 2000) line = line.substr(0, 2000);
    if (matches(line, traceback)) {
      std::size_t end = traceback_end(lines, i);
      found = extent{i, end};
      compilation_end = 0;
      i = end - 1;
    } else if (matches(line, compiler)) {
      // Of the errors of one compilation the first is the cause, the rest follow from it.
      if (i < compilation_end)
        found->end = std::max(found->end, block_end(lines, i));
      else
        found = extent{i, block_end(lines, i)};
      compilation_end = i + max_excerpt_lines + 1;
    } else if (matches(line, panic)) {
      bool inside = found && i < found->end;
      if (!inside) found = extent{i, block_end(lines, i)};
      compilation_end = 0;
    }
  }
  return found;
}

std::string cut_line(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  // A progress bar overwrites its line: what one would see is its last state.
  if (std::size_t carriage = line.rfind('\r'); carriage != std::string_view::npos)
    line.remove_prefix(carriage + 1);
  std::string text = valid_utf8(line.substr(0, 4 * longest_line));
  if (text.size() <= longest_line) return text;
  return std::string(utf8_prefix(text, longest_line)) + "…";
}

void append(std::vector<std::string>& out, std::string line) { out.push_back(std::move(line)); }

/// The lines, or their first few and their last when they are too many.
void append_cut(std::vector<std::string>& out, const std::vector<std::string_view>& lines,
                std::size_t room, std::size_t first) {
  if (lines.size() <= room) {
    for (auto line : lines) append(out, cut_line(line));
    return;
  }
  for (std::size_t i = 0; i < first; ++i) append(out, cut_line(lines[i]));
  if (first > 0) append(out, "…");
  std::size_t last = room - first - (first > 0 ? 1 : 0);
  for (std::size_t i = lines.size() - last; i < lines.size(); ++i) append(out, cut_line(lines[i]));
}

/// Within the bytes allowed: lines leave from the middle first, the first and the last stay.
std::string fitted(std::vector<std::string> lines) {
  auto size = [&] {
    std::size_t bytes = lines.empty() ? 0 : lines.size() - 1;
    for (const auto& line : lines) bytes += line.size();
    return bytes;
  };
  while (size() > max_excerpt_bytes && lines.size() > 1) lines.erase(lines.begin() + 1);
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) out += (i > 0 ? "\n" : "") + lines[i];
  return std::string(utf8_prefix(out, max_excerpt_bytes));
}

bool any_line(std::string_view text, const RE2& pattern) {
  auto lines = lines_of(text);
  return std::any_of(lines.begin(), lines.end(),
                     [&](auto line) { return matches(line.substr(0, 2000), pattern); });
}

/// What to do about it, where the output tells; else empty.
std::string advice(std::string_view head, std::string_view tail, std::string_view isolation,
                   bool prints_metric) {
  static const RE2 no_network(
      R"((?i)could not resolve (?:host|proxy)|getaddrinfo|temporary failure in name resolution|network is unreachable|name or service not known|nodename nor servname|no address associated with hostname|\bENOTFOUND\b|\bEAI_AGAIN\b|\bENETUNREACH\b|unable to resolve host|failed to resolve|dial tcp: lookup|no route to host|failed to lookup address)");
  if (isolation.find("network") != std::string_view::npos &&
      (any_line(tail, no_network) || any_line(head, no_network)))
    return "the sandbox has no network: set sandbox to \"none\" or prepare it in setup_command";
  if (prints_metric && suite_failed(tail))
    return "tests failed, and an exit status other than 0 is an error; where the number of passing "
           "tests is the metric, let the command end with \"|| true\"";
  return "";
}

/// The lines with the advice as the last of them.
std::string with_advice(std::vector<std::string> lines, std::string text) {
  if (text.empty()) return fitted(std::move(lines));
  // The last line of a cause is its sentence; what goes stands before it.
  while (lines.size() >= max_excerpt_lines) lines.erase(lines.end() - 2);
  auto size = [&] {
    std::size_t bytes = text.size() + 1;
    for (const auto& line : lines) bytes += line.size() + 1;
    return bytes;
  };
  while (size() > max_excerpt_bytes && lines.size() > 1) lines.erase(lines.begin() + 1);
  lines.push_back(std::move(text));
  return fitted(std::move(lines));
}

std::string exit_text(int code) {
  std::string text = "exit code " + std::to_string(code);
  if (code == 126) return text + " (found, but not executable)";
  if (code == 127) return text + " (command not found)";
  if (code > 128 && code < 128 + 65) {
    auto name = signal_name(code - 128);
    if (!name.empty()) text += " (as after " + std::string(name) + ")";
  }
  return text;
}

}  // namespace

std::string_view signal_name(int signal) {
  // Linux numbers them alike on all machines that Ratchet runs on.
  static constexpr std::pair<int, std::string_view> names[] = {
      {1, "SIGHUP"},   {2, "SIGINT"},   {3, "SIGQUIT"},  {4, "SIGILL"},   {5, "SIGTRAP"},
      {6, "SIGABRT"},  {7, "SIGBUS"},   {8, "SIGFPE"},   {9, "SIGKILL"},  {10, "SIGUSR1"},
      {11, "SIGSEGV"}, {12, "SIGUSR2"}, {13, "SIGPIPE"}, {14, "SIGALRM"}, {15, "SIGTERM"},
      {24, "SIGXCPU"}, {25, "SIGXFSZ"}, {31, "SIGSYS"}};
  for (const auto& [number, name] : names)
    if (number == signal) return name;
  return "";
}

std::string error_excerpt(std::optional<int> exit_code, std::optional<int> signal, bool timed_out,
                          double timeout_s, std::string_view head, std::string_view tail,
                          std::string_view isolation, bool prints_metric) {
  std::vector<std::string> out;
  if (timed_out)
    append(out, "timed out after " + shortest(timeout_s) + " s");
  else if (signal) {
    std::string_view name = signal_name(*signal);
    append(out, "killed by signal " + std::to_string(*signal) +
                    (name.empty() ? std::string() : " (" + std::string(name) + ")"));
  }
  auto lines = lines_of(tail);
  auto cause = last_cause(lines);
  if (!cause && !timed_out) {
    auto head_lines = lines_of(head);
    if (auto early = last_cause(head_lines)) {
      lines = std::move(head_lines);
      cause = early;
    }
  }
  const std::string hint = advice(head, tail, isolation, prints_metric);
  const std::size_t begin = out.size();
  if (cause && !timed_out) {
    std::vector<std::string_view> block(lines.begin() + static_cast<std::ptrdiff_t>(cause->begin),
                                        lines.begin() + static_cast<std::ptrdiff_t>(cause->end));
    static const RE2 traceback("Traceback");
    // Of a deep traceback the innermost calls matter; of compiler errors the first.
    bool innermost = matches(block.front(), traceback);
    std::size_t room = max_excerpt_lines - begin;
    append_cut(out, block, room, innermost ? 1 : room - 2);
    return with_advice(std::move(out), hint);
  }
  if (out.empty())
    append(out, exit_code ? exit_text(*exit_code) : std::string("ended without an exit code"));
  if (!timed_out && !signal && suite_failed(tail))
    if (auto failed = failed_test_lines(tail, max_excerpt_lines - 2); !failed.empty()) {
      out.insert(out.end(), failed.begin(), failed.end());
      return with_advice(std::move(out), hint);
    }
  std::vector<std::string_view> last;
  for (auto line : lines)
    if (!is_blank(line)) last.push_back(line);
  append_cut(out, last, max_excerpt_lines - out.size(), 0);
  return with_advice(std::move(out), hint);
}

}  // namespace ratchet
