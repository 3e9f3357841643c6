// SPDX-License-Identifier: MIT
#include "runtime/git/candidate_log.hpp"

#include <fcntl.h>
#include <git2/sys/odb_backend.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "runtime/git/beneath.hpp"
#include "runtime/git/deflate.hpp"

namespace ratchet::git {

namespace {

struct record {
  char mark[4];
  std::uint32_t type;
  std::uint64_t size, stored;
  unsigned char id[GIT_OID_RAWSZ];
  std::uint32_t zero;
};
static_assert(sizeof(record) == 48);
constexpr char record_mark[4] = {'R', 'C', 'O', '1'};

std::string loose_header(git_object_t type, std::size_t size) {
  std::string text = git_object_type2string(type);
  text += " " + std::to_string(size);
  return text + '\0';
}

std::string loose_bytes(const new_object& object) {
  std::string plain = loose_header(object.type, object.bytes.size());
  plain += object.bytes;
  return deflated(plain, deflate_for::speed);
}

/// Whether there were as many bytes.
bool read_at(int file, std::uint64_t at, void* into, std::size_t size) {
  for (auto* to = static_cast<char*>(into); size > 0;) {
    ssize_t n = ::pread(file, to, size, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    to += n;
    at += static_cast<std::uint64_t>(n);
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

bool write_at(int file, std::uint64_t at, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    at += static_cast<std::uint64_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

void candidate_log::catch_up() {
  struct stat status {};
  if (::stat(path_.c_str(), &status) < 0) return;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size <= end_) return;
  descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  record r;
  while (file && size - end_ >= sizeof r && read_at(file.get(), end_, &r, sizeof r)) {
    if (std::memcmp(r.mark, record_mark, sizeof record_mark) != 0 ||
        r.stored > size - end_ - sizeof r)
      return;
    git_oid id;
    std::memcpy(id.id, r.id, sizeof r.id);
    places_[id] = {end_ + sizeof r, r.stored, r.size, static_cast<git_object_t>(r.type)};
    end_ += sizeof r + r.stored;
  }
}

const candidate_log::place* candidate_log::look_up(const git_oid& id) {
  auto it = places_.find(id);
  if (it == places_.end()) {
    catch_up();
    it = places_.find(id);
  }
  return it == places_.end() ? nullptr : &it->second;
}

std::optional<candidate_log::header> candidate_log::find(const git_oid& id) {
  const auto* p = look_up(id);
  if (!p) return std::nullopt;
  return header{p->type, p->size};
}

std::optional<std::string> candidate_log::deflated(const git_oid& id) {
  const auto* p = look_up(id);
  if (!p) return std::nullopt;
  std::string bytes(p->stored, '\0');
  descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file || !read_at(file.get(), p->at, bytes.data(), bytes.size()))
    refuse_errno("read the object " + hex(id) + " in " + path_, "revert this candidate");
  return bytes;
}

std::optional<std::string> candidate_log::read(const git_oid& id) {
  auto stored = deflated(id);
  if (!stored) return std::nullopt;
  const auto found = *find(id);
  const auto before = loose_header(found.type, found.size);
  auto plain = inflated(*stored, before.size() + found.size);
  if (!plain || !plain->starts_with(before))
    refuse(errc::workspace_failed,
           "the object " + hex(id) + " in " + path_ + " is damaged; revert this candidate");
  plain->erase(0, before.size());
  return plain;
}

std::vector<git_oid> candidate_log::ids() {
  catch_up();
  std::vector<git_oid> all;
  for (const auto& [id, place] : places_) all.push_back(id);
  return all;
}

/// Whether it is there and undamaged. (A power failure may leave a record without its bytes.)
bool candidate_log::whole(const new_object& object) {
  if (!places_.contains(object.id)) return false;
  try {
    return read(object.id) == object.bytes;
  } catch (const refusal&) {
    return false;
  }
}

void candidate_log::write(const std::vector<new_object>& objects) {
  const std::string what = "store a candidate in " + path_, next = "is the disk full?";
  descriptor file(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file) refuse_errno(what, next);
  while (::flock(file.get(), LOCK_EX) < 0)  // until it is closed
    if (errno != EINTR) refuse_errno(what, next);
  catch_up();
  std::string bytes;
  std::vector<std::pair<git_oid, place>> added;
  for (const auto& object : objects) {
    if (whole(object)) continue;
    const auto stored = loose_bytes(object);
    record r{{}, static_cast<std::uint32_t>(object.type), object.bytes.size(), stored.size(), {},
             0};
    std::memcpy(r.mark, record_mark, sizeof record_mark);
    std::memcpy(r.id, object.id.id, sizeof r.id);
    bytes.append(reinterpret_cast<const char*>(&r), sizeof r);
    added.emplace_back(object.id,
                       place{end_ + bytes.size(), stored.size(), object.bytes.size(), object.type});
    bytes += stored;
  }
  if (added.empty()) return;
  // What is left of a half written record; and on failure of ours.
  if (::ftruncate(file.get(), static_cast<off_t>(end_)) < 0) refuse_errno(what, next);
  if (!write_at(file.get(), end_, bytes)) {
    const int error = errno;
    [[maybe_unused]] int rc = ::ftruncate(file.get(), static_cast<off_t>(end_));
    errno = error;
    refuse_errno(what, next);
  }
  end_ += bytes.size();
  for (auto& [id, place] : added) places_[id] = place;
}

// -- for libgit2 ----------------------------------------------------------------------------------

namespace {

struct backend : git_odb_backend {
  std::shared_ptr<candidate_log> log;
};

candidate_log& log_of(git_odb_backend* b) { return *static_cast<backend*>(b)->log; }

/// No exception may pass through C.
template <class Work>
int answer(const Work& work) {
  try {
    return work();
  } catch (const refusal& r) {
    git_error_set_str(GIT_ERROR_ODB, r.why.text.c_str());
  } catch (const std::exception& e) {
    git_error_set_str(GIT_ERROR_ODB, e.what());
  }
  return static_cast<int>(GIT_ERROR);
}

int read_object_of(void** bytes, size_t* size, git_object_t* type, git_odb_backend* b,
                   const git_oid* id) {
  return answer([&] {
    auto found = log_of(b).find(*id);
    if (!found) return static_cast<int>(GIT_ENOTFOUND);
    const auto content = *log_of(b).read(*id);
    *bytes = git_odb_backend_data_alloc(b, content.size());
    if (!*bytes) return static_cast<int>(GIT_ERROR);
    std::memcpy(*bytes, content.data(), content.size());
    *size = content.size();
    *type = found->type;
    return 0;
  });
}

int read_header_of(size_t* size, git_object_t* type, git_odb_backend* b, const git_oid* id) {
  return answer([&] {
    auto found = log_of(b).find(*id);
    if (!found) return static_cast<int>(GIT_ENOTFOUND);
    *size = found->size;
    *type = found->type;
    return 0;
  });
}

int exists_in(git_odb_backend* b, const git_oid* id) {
  return answer([&] { return log_of(b).find(*id) ? 1 : 0; }) > 0;
}

int for_each_of(git_odb_backend* b, git_odb_foreach_cb call, void* payload) {
  return answer([&] {
    for (const auto& id : log_of(b).ids())
      if (int rc = call(&id, payload); rc != 0) return rc;
    return 0;
  });
}

void free_backend(git_odb_backend* b) { delete static_cast<backend*>(b); }

}  // namespace

void read_also(git_repository* repository, std::shared_ptr<candidate_log> log) {
  constexpr int before_files_and_packs = 3;
  auto made = std::make_unique<backend>();
  check(git_odb_init_backend(made.get(), GIT_ODB_BACKEND_VERSION),
        "set up the candidates' objects");
  made->log = std::move(log);
  made->read = read_object_of;
  made->read_header = read_header_of;
  made->exists = exists_in;
  made->foreach = for_each_of;
  made->free = free_backend;
  odb_ptr odb;
  check(git_repository_odb(out(odb), repository), "open the session's objects");
  check(git_odb_add_backend(odb.get(), made.get(), before_files_and_packs),
        "add the candidates' objects");
  [[maybe_unused]] auto* the_odbs = made.release();
}

}  // namespace ratchet::git
