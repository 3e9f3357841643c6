// SPDX-License-Identifier: MIT
#include "runtime/git/workspace_record.hpp"

namespace ratchet::git {

namespace {

std::string widen(const std::string& bytes) {
  std::string text;
  for (unsigned char c : bytes) {
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else {
      text += static_cast<char>(0xC0 | (c >> 6));
      text += static_cast<char>(0x80 | (c & 0x3F));
    }
  }
  return text;
}

std::string narrow(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char c = text[i];
    if (c >= 0xC0 && i + 1 < text.size())
      bytes += static_cast<char>((c & 0x03) << 6 | (text[++i] & 0x3F));
    else
      bytes += static_cast<char>(c);
  }
  return bytes;
}

json widen_all(const std::vector<std::string>& paths) {
  json list = json::array();
  for (const auto& path : paths) list.push_back(widen(path));
  return list;
}

std::vector<std::string> narrow_all(const json& list) {
  std::vector<std::string> paths;
  for (const auto& text : list) paths.push_back(narrow(text.get<std::string>()));
  return paths;
}

}  // namespace

std::string encode_record(const workspace_record& r) {
  json shared = json::array();
  for (const auto& link : r.shared)
    shared.push_back(json{{"path", widen(link.path)}, {"target", widen(link.target)}});
  return json{{"format", 1},
              {"session_id", r.session_id},
              {"repo_path", widen(r.repo_path)},
              {"common_dir", widen(r.common_dir)},
              {"kind", r.kind},
              {"branch", widen(r.branch)},
              {"target_files", widen_all(r.target_files)},
              {"protected_paths", widen_all(r.protected_paths)},
              {"filtered", widen_all(r.filtered)},
              {"shared", shared},
              {"base_commit", hex(r.base_commit)},
              {"base_tree", hex(r.base_tree)},
              {"author_name", widen(r.author_name)},
              {"author_email", widen(r.author_email)},
              {"uncommitted", widen_all(r.uncommitted)}}
             .dump(1) +
         "\n";
}

workspace_record decode_record(const std::string& text, const std::string& path) {
  try {
    json j = json::parse(text);
    if (j.at("format") != 1)
      refuse(errc::workspace_failed, path +
                                         " was written by another version of Ratchet; finish the "
                                         "session with that version");
    workspace_record r;
    auto bytes = [&](const char* key) { return narrow(j.at(key).get<std::string>()); };
    r.session_id = j.at("session_id");
    r.repo_path = bytes("repo_path");
    r.common_dir = bytes("common_dir");
    j.at("kind").get_to(r.kind);
    r.branch = bytes("branch");
    r.target_files = narrow_all(j.at("target_files"));
    r.protected_paths = narrow_all(j.at("protected_paths"));
    r.filtered = narrow_all(j.value("filtered", json::array()));
    for (const auto& link : j.at("shared"))
      r.shared.push_back({narrow(link.at("path").get<std::string>()),
                          narrow(link.at("target").get<std::string>())});
    r.base_commit = parse_id(j.at("base_commit").get<std::string>(), "base commit");
    r.base_tree = parse_id(j.at("base_tree").get<std::string>(), "base tree");
    r.author_name = bytes("author_name");
    r.author_email = bytes("author_email");
    r.uncommitted = narrow_all(j.at("uncommitted"));
    return r;
  } catch (const std::exception& e) {
    refuse(errc::workspace_failed,
           path + " cannot be read (" + e.what() + "); start a new session");
  }
}

}  // namespace ratchet::git
