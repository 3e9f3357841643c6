// SPDX-License-Identifier: MIT
#include "runtime/objects/object_parts.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <list>
#include <mutex>

#include "runtime/git/beneath.hpp"
#include "runtime/objects/object_source.hpp"

namespace ratchet {

namespace {

constexpr std::size_t kept_bases = 2;

struct spooled_base {
  std::string key;
  git::descriptor file;
  std::int64_t bytes = 0;
};

failure spool_failed(const std::string& what) {
  return fail(errc::workspace_failed, "cannot " + what +
                                          " the base for workers: " + std::strerror(errno) +
                                          "; look at the space in the state directory");
}

class parts final : public object_parts_port {
 public:
  parts(const std::filesystem::path& state_dir, std::shared_ptr<object_source_port> source)
      : directory_(state_dir.string()), source_(std::move(source)) {}

  expected<repository_identified> repository(const identify_repository& m) override {
    auto key = source_->repository_key(m.session_id);
    if (!key) return key.error();
    return repository_identified{*key};
  }

  expected<objects_part> change(const fetch_change& m) override {
    auto bytes = source_->export_change(m.session_id, m.base, m.tree);
    if (!bytes) return bytes.error();
    const auto total = static_cast<std::int64_t>(bytes->size());
    return objects_part{std::move(*bytes), total};
  }

  expected<objects_part> base_part(const fetch_base& m) override {
    std::lock_guard lock(mutex_);
    auto base = find_or_write(m);
    if (!base) return base.error();
    const auto& b = **base;
    objects_part part{"", b.bytes};
    if (m.offset < 0 || m.offset >= b.bytes) return part;
    part.bytes.resize(std::min(max_chunk_bytes, static_cast<std::size_t>(b.bytes - m.offset)));
    std::size_t filled = 0;
    while (filled < part.bytes.size()) {
      const auto n = ::pread(b.file.get(), part.bytes.data() + filled, part.bytes.size() - filled,
                             m.offset + static_cast<off_t>(filled));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return spool_failed("read");
      filled += static_cast<std::size_t>(n);
    }
    return part;
  }

 private:
  expected<const spooled_base*> find_or_write(const fetch_base& m) {
    auto repository = source_->repository_key(m.session_id);
    if (!repository) return repository.error();
    const auto key = *repository + " " + m.commit;
    for (auto it = bases_.begin(); it != bases_.end(); ++it)
      if (it->key == key) {
        bases_.splice(bases_.begin(), bases_, it);
        return &bases_.front();
      }
    spooled_base made{
        key, git::descriptor(::open(directory_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)), 0};
    if (!made.file) return spool_failed("make a file for");
    auto written =
        source_->export_base(m.session_id, m.commit, [&](std::string_view chunk) -> expected<> {
          while (!chunk.empty()) {
            const auto n = ::write(made.file.get(), chunk.data(), chunk.size());
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) return spool_failed("write");
            chunk.remove_prefix(static_cast<std::size_t>(n));
            made.bytes += n;
          }
          return {};
        });
    if (!written) return written.error();
    bases_.push_front(std::move(made));
    if (bases_.size() > kept_bases) bases_.pop_back();
    return &bases_.front();
  }

  std::string directory_;
  std::shared_ptr<object_source_port> source_;
  std::mutex mutex_;
  std::list<spooled_base> bases_;  ///< most recently used first
};

}  // namespace

std::shared_ptr<object_parts_port> open_object_parts(const std::filesystem::path& state_dir) {
  return std::make_shared<parts>(state_dir, open_object_source(state_dir));
}

}  // namespace ratchet
