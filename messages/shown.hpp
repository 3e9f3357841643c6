// SPDX-License-Identifier: MIT
//
// Looking at a session: the tool autoresearch_show, and what the roles ask of each other for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/experiments.hpp"
#include "messages/json.hpp"
#include "messages/records.hpp"

namespace ratchet {

enum class shown_part : std::uint8_t { summary, text, diff, output, history, report };
template <>
struct enum_names<shown_part> {
  static constexpr std::array<std::pair<shown_part, std::string_view>, 6> value{
      {{shown_part::summary, "summary"},
       {shown_part::text, "text"},
       {shown_part::diff, "diff"},
       {shown_part::output, "output"},
       {shown_part::history, "history"},
       {shown_part::report, "report"}}};
};

/// `autoresearch_show`.
struct show_session {
  std::string session_id;
  shown_part what = shown_part::summary;
  /// Which iteration's; 0 is the unmodified code. None: text and diff of the best code so far, the
  /// output that was printed last.
  std::optional<int> iteration;
  std::string file;  ///< of what: text; empty: the one target, or a list of them
  /// Where the page begins, in bytes; of the history: with which iteration. None: the beginning, of
  /// the history and of an output the last page.
  std::optional<long long> offset;

  static constexpr auto fields() {
    using s = show_session;
    constexpr auto if_set = presence::if_set;
    return field_list{field{"session_id", &s::session_id}, field{"what", &s::what},
                      field{"iteration", &s::iteration, if_set}, field{"file", &s::file, if_set},
                      field{"offset", &s::offset, if_set}};
  }
};

/// One page of it.
struct session_shown {
  std::string session_id;
  shown_part what = shown_part::summary;
  std::optional<int> iteration;
  std::string file;
  std::string text;                      ///< valid UTF-8, ≤ 8,000 bytes
  long long offset = 0;                  ///< where the text begins
  long long total = 0;                   ///< bytes in all; of the history: iterations
  std::optional<long long> next_offset;  ///< of the next page; none: this is the last
  std::string instruction;

  static constexpr auto fields() {
    using s = session_shown;
    constexpr auto if_set = presence::if_set;
    return field_list{field{"session_id", &s::session_id},
                      field{"what", &s::what},
                      field{"iteration", &s::iteration, if_set},
                      field{"file", &s::file, if_set},
                      field{"text", &s::text},
                      field{"offset", &s::offset},
                      field{"total", &s::total},
                      field{"next_offset", &s::next_offset, if_set},
                      field{"instruction", &s::instruction, if_set}};
  }
};

/// A session as it is stored and some of its iterations, ascending, beginning with `first`; a
/// negative one counts from the end. Asked of the journal, and by `ratchet show` of a node.
struct read_iterations {
  std::string session_id;
  int first = 0;
  int limit = 100;  ///< 1 … 100

  static constexpr auto fields() {
    using r = read_iterations;
    return field_list{field{"session_id", &r::session_id}, field{"first", &r::first},
                      field{"limit", &r::limit}};
  }
};

struct iterations_read {
  session_record session;
  std::vector<iteration_record> rows;

  static constexpr auto fields() {
    using i = iterations_read;
    return field_list{field{"session", &i::session}, field{"rows", &i::rows}};
  }
};

/// A session's report, of the journal.
struct read_report {
  std::string session_id;

  static constexpr auto fields() {
    return field_list{field{"session_id", &read_report::session_id}};
  }
};

struct report_read {
  std::string text;  ///< JSON; empty: there is none yet

  static constexpr auto fields() { return field_list{field{"text", &report_read::text}}; }
};

/// Of the workspace keeper, also of a session that has ended: the bytes of a file at a commit or
/// tree, or with `against` how the two differ.
struct read_code {
  std::string session_id;
  std::string repo_path;
  std::string code;
  std::string against;  ///< set: the difference from it, all files
  std::string file;     ///< else: this one
  /// With no file: what target_files gives; the only one that it does, else a list of them.
  std::vector<std::string> target_files;
  std::vector<std::string> protected_paths;  ///< not those in the list

  static constexpr auto fields() {
    using r = read_code;
    return field_list{field{"session_id", &r::session_id},
                      field{"repo_path", &r::repo_path},
                      field{"code", &r::code},
                      field{"against", &r::against},
                      field{"file", &r::file},
                      field{"target_files", &r::target_files, presence::if_set},
                      field{"protected_paths", &r::protected_paths, presence::if_set}};
  }
};

struct code_read {
  std::string text;     ///< valid UTF-8
  bool there = true;    ///< false: no such file in it
  long long bytes = 0;  ///< of the file itself
  bool binary = false;  ///< then `text` is empty
  std::string file;     ///< whose text it is; empty: a list or a difference

  static constexpr auto fields() {
    using c = code_read;
    return field_list{field{"text", &c::text}, field{"there", &c::there}, field{"bytes", &c::bytes},
                      field{"binary", &c::binary}, field{"file", &c::file, presence::if_set}};
  }
};

}  // namespace ratchet
