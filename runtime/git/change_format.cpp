// SPDX-License-Identifier: MIT
#include "runtime/git/change_format.hpp"

#include <algorithm>

#include "runtime/git/deflate.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/tree_bytes.hpp"

namespace ratchet::git {

namespace {

constexpr std::string_view magic = "RCH1";

[[noreturn]] void refuse_damaged() {
  refuse(errc::workspace_failed, "the candidate that arrived is damaged; send it again");
}

void put_varint(std::string& to, std::uint64_t value) {
  for (; value > 0x7F; value >>= 7) to += static_cast<char>(value | 0x80);
  to += static_cast<char>(value);
}

void put_id(std::string& to, const git_oid& id) {
  to.append(reinterpret_cast<const char*>(id.id), id_bytes);
}

class body_reader {
 public:
  explicit body_reader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      auto byte = static_cast<unsigned char>(take(1).front());
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (!(byte & 0x80)) return value;
    }
    refuse_damaged();
  }
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) refuse_damaged();
    auto bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  git_oid id() {
    git_oid id;
    std::memcpy(id.id, take(id_bytes).data(), id_bytes);
    return id;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

changed_path read_path(body_reader& body, const std::string& before) {
  changed_path changed;
  auto kept = body.varint();
  if (kept > before.size()) refuse_damaged();
  changed.path = before.substr(0, kept) + std::string(body.take(body.varint()));
  if (!path_fault(changed.path).empty()) refuse_damaged();
  auto mode = body.varint();
  if (mode > 0777777) refuse_damaged();
  changed.mode = static_cast<unsigned>(mode);
  if (mode == 0) return changed;
  switch (body.take(1).front()) {
    case 0:
      changed.how = changed_path::content::id;
      changed.id = body.id();
      break;
    case 1:
      changed.how = changed_path::content::whole;
      changed.bytes = body.take(body.varint());
      break;
    case 2:
      changed.how = changed_path::content::spliced;
      changed.prefix = body.varint();
      changed.suffix = body.varint();
      changed.bytes = body.take(body.varint());
      break;
    default:
      refuse_damaged();
  }
  return changed;
}

}  // namespace

void refuse_large_change(const std::string& what, std::uint64_t limit) {
  refuse(errc::repository_refused, "the candidate changes " + what + " than the " +
                                       std::to_string(limit) +
                                       " that may travel as a change; send it as a base");
}

std::string encode_change(const tree_change& change, const change_limits& limits) {
  std::string body;
  put_id(body, change.base_tree);
  put_id(body, change.wanted);
  put_varint(body, change.commit.size());
  body += change.commit;
  put_varint(body, change.paths.size());
  std::string_view before;
  for (const auto& p : change.paths) {
    auto same = std::mismatch(p.path.begin(), p.path.end(), before.begin(), before.end()).first;
    std::size_t kept = static_cast<std::size_t>(same - p.path.begin());
    put_varint(body, kept);
    put_varint(body, p.path.size() - kept);
    body.append(p.path, kept);
    before = p.path;
    put_varint(body, p.mode);
    if (p.mode == 0) continue;
    body += static_cast<char>(static_cast<int>(p.how) - 1);
    if (p.how == changed_path::content::id) {
      put_id(body, p.id);
      continue;
    }
    if (p.how == changed_path::content::spliced) {
      put_varint(body, p.prefix);
      put_varint(body, p.suffix);
    }
    put_varint(body, p.bytes.size());
    body += p.bytes;
  }
  if (body.size() > limits.bytes) refuse_large_change("more bytes", limits.bytes);
  std::string bytes(magic);
  put_varint(bytes, body.size());
  return bytes + deflated(body, body.size() > (1U << 20) ? deflate_for::speed : deflate_for::size);
}

tree_change decode_change(std::string_view bytes, const change_limits& limits) {
  if (bytes.substr(0, magic.size()) != magic) refuse_damaged();
  body_reader outer(bytes.substr(magic.size()));
  auto size = outer.varint();
  if (size > limits.bytes) refuse_large_change("more bytes", limits.bytes);
  const auto text = inflated(outer.rest(), size);
  if (!text) refuse_damaged();
  body_reader body(*text);
  tree_change change;
  change.base_tree = body.id();
  change.wanted = body.id();
  change.commit = body.take(body.varint());
  auto count = body.varint();
  if (count > limits.paths) refuse_large_change("more paths", limits.paths);
  std::uint64_t path_bytes = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    change.paths.push_back(read_path(body, i ? change.paths.back().path : std::string()));
    // Each may repeat most of the one before: few bytes that arrived, many in memory.
    path_bytes += change.paths.back().path.size();
    if (path_bytes > limits.bytes) refuse_large_change("more bytes", limits.bytes);
  }
  if (!body.rest().empty()) refuse_damaged();
  return change;
}

}  // namespace ratchet::git
