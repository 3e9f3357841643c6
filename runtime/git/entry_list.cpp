// SPDX-License-Identifier: MIT
#include "runtime/git/entry_list.hpp"

namespace ratchet::git {

namespace {

constexpr std::string_view kind_letters = "fxld";
constexpr entry_kind kinds[] = {entry_kind::file, entry_kind::executable, entry_kind::link,
                                entry_kind::empty_folder};
constexpr std::size_t id_digits = GIT_OID_HEXSZ;

char letter_of(entry_kind kind) {
  for (std::size_t i = 0; i < kind_letters.size(); ++i)
    if (kinds[i] == kind) return kind_letters[i];
  return 'd';
}

}  // namespace

std::string encode_entries(const std::vector<kept_entry>& entries) {
  std::string bytes;
  for (const auto& entry : entries)
    bytes += letter_of(entry.kind) + hex(entry.id) + entry.path + '\0';
  return bytes + 'E' + '\0';
}

std::vector<kept_entry> decode_entries(std::string_view bytes, const std::string& path) {
  std::vector<kept_entry> entries;
  for (std::size_t end; (end = bytes.find('\0')) != bytes.npos; bytes.remove_prefix(end + 1)) {
    const auto text = bytes.substr(0, end);
    if (text == "E") return entries;
    const auto kind = text.empty() ? text.npos : kind_letters.find(text[0]);
    if (kind == text.npos || text.size() < id_digits + 2) break;
    kept_entry entry;
    entry.path = text.substr(id_digits + 1);
    entry.kind = kinds[kind];
    entry.id = parse_id(text.substr(1, id_digits), "a blob of " + path);
    entries.push_back(std::move(entry));
  }
  refuse(errc::workspace_failed, path + " is torn or damaged; start a new session");
}

}  // namespace ratchet::git
