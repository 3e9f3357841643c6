// SPDX-License-Identifier: MIT
//
// What the eyes take over from the user's repository.
#include <algorithm>
#include <filesystem>
#include <map>

#include "runtime/git/beneath.hpp"
#include "runtime/git/eyes.hpp"
#include "runtime/git/paths.hpp"
#include "runtime/git/private_repository.hpp"

namespace ratchet::git {

namespace {

constexpr std::size_t max_references = 50'000;
constexpr std::size_t max_submodules = 1'000;
constexpr std::size_t max_small_file = 1 << 20;

using iterator_ptr = std::unique_ptr<git_reference_iterator, freed_by<git_reference_iterator_free>>;
using tag_ptr = std::unique_ptr<git_tag, freed_by<git_tag_free>>;

/// A regular file of git's own folder; "" when it is absent or no such file.
std::string small_file(const std::string& folder, const char* name) {
  descriptor at = open_trusted_folder(folder);
  struct stat now;
  auto bytes = at ? read_regular(at.get(), name, &now) : std::nullopt;
  return bytes && bytes->size() <= max_small_file ? std::move(*bytes) : "";
}

bool taken_over(std::string_view name) {
  if (name.starts_with("refs/heads/ratchet/")) return false;  // other sessions'
  return name.starts_with("refs/heads/") || name.starts_with("refs/tags/") ||
         name.starts_with("refs/remotes/");
}

std::string packed_references(git_repository* user) {
  odb_ptr odb;
  check(git_repository_odb(out(odb), user), "open the repository's objects");
  iterator_ptr all;
  check(git_reference_iterator_new(out(all), user), "list the references");
  std::map<std::string, std::string> lines;
  for (std::size_t i = 0; i < max_references; ++i) {
    reference_ptr one;
    int rc = git_reference_next(out(one), all.get());
    if (rc == GIT_ITEROVER) break;
    if (rc < 0) continue;  // one that cannot be read
    const std::string name = git_reference_name(one.get());
    if (git_reference_type(one.get()) == GIT_REFERENCE_SYMBOLIC) {  // such as origin/HEAD
      reference_ptr direct;
      if (git_reference_resolve(out(direct), one.get()) < 0) continue;
      one = std::move(direct);
    }
    const git_oid* id = git_reference_target(one.get());
    std::size_t size;
    git_object_t type;
    if (!id || !taken_over(name) || git_odb_read_header(&size, &type, odb.get(), id) < 0) continue;
    std::string line = hex(*id) + " " + name + "\n";
    if (type == GIT_OBJECT_TAG) {
      tag_ptr tag;
      object_ptr peeled;
      rc = git_tag_lookup(out(tag), user, id);
      if (rc == 0) rc = git_tag_peel(out(peeled), tag.get());
      if (rc < 0) continue;
      line += "^" + hex(*git_object_id(peeled.get())) + "\n";
    }
    lines[name] = std::move(line);
  }
  std::string text = "# pack-refs with: peeled fully-peeled sorted \n";
  for (const auto& [name, line] : lines) text += line;
  return text;
}

std::string config_value(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

/// Which submodules the user has, as `git submodule` wants to know it.
std::string submodule_config(git_repository* user) {
  config_ptr all, own;
  if (git_repository_config(out(all), user) < 0) return "";
  if (git_config_open_level(out(own), all.get(), GIT_CONFIG_LEVEL_LOCAL) < 0) return "";
  std::map<std::string, std::map<std::string, std::string>> found;
  git_config_foreach(
      own.get(),
      [](const git_config_entry* entry, void* into) {
        std::string_view name(entry->name);
        auto& modules = *static_cast<decltype(found)*>(into);
        const auto dot = name.rfind('.');
        if (!name.starts_with("submodule.") || dot < 11 || modules.size() >= max_submodules)
          return 0;
        const auto key = name.substr(dot + 1);
        if ((key == "url" || key == "active") && entry->value)
          modules[std::string(name.substr(10, dot - 10))][std::string(key)] = entry->value;
        return 0;
      },
      &found);
  std::string text;
  for (const auto& [name, values] : found) {
    if (name.find('\n') != name.npos) continue;
    text += "[submodule " + config_value(name) + "]\n";
    for (const auto& [key, value] : values) text += "\t" + key + " = " + config_value(value) + "\n";
  }
  return text;
}

/// Ours alone, and laid over what the user's own ~/.gitconfig says of hooks and watchers.
std::string config_text(git_repository* user) {
  return "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n"
         "\tlogallrefupdates = false\n\thooksPath = /dev/null\n\tfsmonitor = false\n"
         "\tuntrackedCache = false\n\tautocrlf = false\n"
         "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n" +
         submodule_config(user);
}

/// The user's rules, and the links to shared paths: a rule for a folder does not mean those.
std::string exclude_text(const checked_repository& checked) {
  std::string text = small_file(checked.common_dir + "/info", "exclude");
  if (!text.empty() && text.back() != '\n') text += '\n';
  for (const auto& link : checked.shared) {
    if (link.path.find('\n') != link.path.npos) continue;
    text += '/';
    for (char c : link.path) {
      if (std::string_view("\\*?[ ").find(c) != std::string_view::npos) text += '\\';
      text += c;
    }
    text += '\n';
  }
  return text;
}

/// Files of a git directory to be, as blobs.
class planned_directory {
 public:
  planned_directory(git_repository* repository, std::string folder)
      : repository_(repository), folder_(std::move(folder)) {
    for (const char* empty : {"objects/pack", "refs/heads", "refs/tags"})
      entries_.push_back({folder_ + empty, entry_kind::empty_folder});
  }
  void put(const std::string& name, const std::string& text) {
    git_oid id;
    check(git_blob_create_from_buffer(&id, repository_, text.data(), text.size()), "store " + name);
    entries_.push_back({folder_ + name, entry_kind::file, id});
  }
  std::vector<kept_entry> take() { return std::move(entries_); }

 private:
  git_repository* repository_;
  std::string folder_;
  std::vector<kept_entry> entries_;
};

/// Where the history here ends.
std::string shallow_text(const checked_repository& checked) {
  std::string text = small_file(checked.common_dir, "shallow");
  if (!text.empty()) return text;
  commit_ptr base;
  odb_ptr odb;
  check(git_commit_lookup(out(base), checked.repository.get(), &checked.base_commit),
        "read the commit " + hex(checked.base_commit));
  check(git_repository_odb(out(odb), checked.repository.get()), "open the repository's objects");
  for (unsigned i = 0; i < git_commit_parentcount(base.get()); ++i)
    if (!git_odb_exists(odb.get(), git_commit_parent_id(base.get(), i)))
      return hex(checked.base_commit) + "\n";
  return "";
}

/// "ref: refs/heads/main" as HEAD has it, or the commit.
std::string head_text(git_repository* repository, const git_oid& commit) {
  reference_ptr head;
  const char* branch = nullptr;
  if (git_reference_lookup(out(head), repository, "HEAD") == 0)
    branch = git_reference_symbolic_target(head.get());
  const bool taken = branch && std::string_view(branch).starts_with("refs/heads/");
  return (taken ? std::string("ref: ") + branch : hex(commit)) + "\n";
}

/// The git directory of a submodule that the user has checked out at `path`, its files all as they
/// are in the commit that it is at; empty when it has none.
std::vector<kept_entry> plan_submodule(git_repository* repository, const std::string& root,
                                       const std::string& path) try {
  repository_ptr user = open_user_repository(root + "/" + path);
  git_oid head;
  if (git_reference_name_to_id(&head, user.get(), "HEAD") < 0) return {};
  const std::string common_dir = git_repository_commondir(user.get());
  planned_directory plan(repository, "modules/" + path + "/");
  plan.put("config", config_text(user.get()));
  plan.put("packed-refs", packed_references(user.get()));
  plan.put("objects/info/alternates", alternates_text(common_dir));
  plan.put("info/exclude", small_file(common_dir + "info", "exclude"));
  if (auto shallow = small_file(common_dir, "shallow"); !shallow.empty())
    plan.put("shallow", shallow);
  odb_ptr odb;
  check(git_repository_odb(out(odb), user.get()), "open the objects of " + path);
  tree_ptr tree = tree_of(user.get(), head);
  cached_folder unknown;
  plan.put("index", index_of_tree(odb.get(), *git_tree_id(tree.get()), unknown, {}));
  plan.put("HEAD", head_text(user.get(), head));
  return plan.take();
} catch (const refusal&) {  // nothing that git could answer from
  return {};
}

}  // namespace

std::vector<kept_entry> plan_eyes(git_repository* repository, const std::string& private_objects,
                                  const checked_repository& checked,
                                  const std::vector<std::string>& taken) {
  planned_directory own(repository, "");
  own.put("config", config_text(checked.repository.get()));
  own.put("packed-refs", packed_references(checked.repository.get()));
  own.put("objects/info/alternates", alternates_text(checked.common_dir) + private_objects + "\n");
  own.put("info/exclude", exclude_text(checked));
  if (auto shallow = shallow_text(checked); !shallow.empty()) own.put("shallow", shallow);
  if (checked.head.starts_with("refs/") && path_fault(checked.head).empty())
    own.put("HEAD", "ref: " + checked.head + "\n");
  auto plan = own.take();
  tree_ptr base = tree_of(checked.repository.get(), checked.base_commit);
  for (const auto& path : taken) {
    auto entry = entry_at(base.get(), path);
    if (!entry || git_tree_entry_filemode(entry.get()) != GIT_FILEMODE_COMMIT) continue;
    for (auto& of : plan_submodule(repository, checked.root, path)) plan.push_back(std::move(of));
  }
  return plan;
}

}  // namespace ratchet::git
