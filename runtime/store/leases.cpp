// SPDX-License-Identifier: MIT
#include "runtime/store/leases.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <system_error>
#include <thread>

#include "runtime/store/state_directory.hpp"

namespace ratchet {

namespace fs = std::filesystem;

namespace {

/// Whether there is more in a lock's directory than the lock, which may itself be gone meanwhile.
bool has_company(const fs::path& file) {
  std::error_code error;
  for (auto entry = fs::directory_iterator(file.parent_path(), error);
       !error && entry != fs::directory_iterator{}; entry.increment(error))
    if (entry->path() != file) return true;
  return error && error != std::errc::no_such_file_or_directory;
}

class lock_file final : public session_lease {
 public:
  lock_file(int fd, fs::path file) : fd_(fd), file_(std::move(file)) {}
  ~lock_file() override {
    // The name of the holder goes before the lock does.
    [[maybe_unused]] int ignored = ::ftruncate(fd_, 0);
    remove_if_alone();
    ::close(fd_);
  }
  lock_file(const lock_file&) = delete;
  lock_file& operator=(const lock_file&) = delete;

 private:
  /// A session that has ended has no directory any more; the lock must not bring one back. Whoever
  /// opened the file meanwhile finds, once it has the lock, that it is not the one in place.
  void remove_if_alone() const {
    struct stat ours {
    }, found{};
    bool in_place = ::fstat(fd_, &ours) == 0 && ::stat(file_.c_str(), &found) == 0 &&
                    ours.st_dev == found.st_dev && ours.st_ino == found.st_ino;
    if (!in_place) return;  // of another process, or gone
    if (has_company(file_)) return;
    std::error_code error;
    fs::remove(file_, error);
    fs::remove(file_.parent_path(), error);
  }

  int fd_;
  fs::path file_;
};

long holder_of(int fd) {
  char text[32];
  const auto length = ::pread(fd, text, sizeof text, 0);
  long pid = 0;
  if (length > 0) std::from_chars(text, text + length, pid);
  return pid;
}

failure busy(const std::string& session_id, long pid) {
  std::string who = "another process", advice = "Wait until its step ends, or end that process.";
  if (pid == ::getpid()) {
    who = "another call of this process (" + std::to_string(pid) + ")";
    advice = "Wait until its step ends: get_autoresearch_status tells.";
  } else if (pid > 0) {
    who = "process " + std::to_string(pid);
  }
  return fail(errc::session_busy,
              "Session " + session_id + " is being worked on by " + who + ". " + advice,
              pid > 0 ? json{{"pid", pid}} : json(nullptr));
}

failure system_failure(const fs::path& file, int reason) {
  return fail(errc::store_failed,
              "Cannot lock " + file.string() + ": " + std::generic_category().message(reason) +
                  ". Make it writable, or use another --state-dir.",
              json{{"file", file.string()}});
}

/// A lock alone in its directory is held for moments: by who begins a session, has ended one, or
/// removes what a killed process left. None of them may turn a session away that begins just then.
constexpr std::chrono::milliseconds moment{200};

class file_leases final : public lease_port {
 public:
  explicit file_leases(fs::path sessions) : sessions_(std::move(sessions)) {}

  expected<std::unique_ptr<session_lease>> acquire(const std::string& session_id) override {
    if (auto fit = check_session_id(session_id); !fit) return fit.error();
    const auto file = sessions_ / session_id / "lock";
    using clock = std::chrono::steady_clock;
    const auto patience = clock::now() + moment;
    // Again when the directory was removed between opening and locking: the lock of a file that
    // nobody else can find any more excludes nobody.
    for (int attempt = 0; attempt < 1000; ++attempt) {
      if (auto made = make_directory(file.parent_path()); !made) return made.error();
      const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
      if (fd < 0) {
        if (errno == ENOENT) continue;
        return system_failure(file, errno);
      }
      if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int reason = errno;
        const long pid = holder_of(fd);
        ::close(fd);
        if (reason == EINTR) continue;
        if (reason == EWOULDBLOCK && clock::now() < patience && !has_company(file)) {
          std::this_thread::sleep_for(std::chrono::milliseconds(2));
          continue;
        }
        if (reason == EWOULDBLOCK) return busy(session_id, pid);
        return system_failure(file, reason);
      }
      struct stat locked {
      }, found{};
      if (::fstat(fd, &locked) == 0 && ::stat(file.c_str(), &found) == 0 &&
          locked.st_dev == found.st_dev && locked.st_ino == found.st_ino) {
        // Only so that others can say who: a full disk is no reason to refuse.
        const auto pid = std::to_string(::getpid()) + "\n";
        if (::ftruncate(fd, 0) == 0) [[maybe_unused]]
          auto ignored = ::pwrite(fd, pid.data(), pid.size(), 0);
        return std::unique_ptr<session_lease>(std::make_unique<lock_file>(fd, file));
      }
      ::close(fd);
    }
    return system_failure(file, EAGAIN);
  }

 private:
  fs::path sessions_;
};

}  // namespace

expected<std::shared_ptr<lease_port>> open_leases(const fs::path& state_directory) {
  const auto sessions = state_directory / "sessions";
  if (auto made = make_directory(sessions); !made) return made.error();
  return std::shared_ptr<lease_port>(std::make_shared<file_leases>(sessions));
}

}  // namespace ratchet
