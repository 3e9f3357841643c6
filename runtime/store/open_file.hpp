// SPDX-License-Identifier: MIT
//
// The store's file, opened: what its parts share. Failures leave this folder in words.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "messages/records.hpp"
#include "runtime/store/sqlite.hpp"
#include "runtime/store/store_failure.hpp"

namespace ratchet::store {

/// A connection, made when it is needed first (a single call needs few), and the mutex that keeps
/// its threads apart.
struct guarded_connection {
  std::mutex mutex;
  std::unique_ptr<sqlite::connection> c;

  sqlite::connection& opened(const std::filesystem::path& file, const char* pragmas) {
    if (c) return *c;
    auto fresh = std::make_unique<sqlite::connection>(file);
    fresh->execute(pragmas);
    c = std::move(fresh);
    return *c;
  }
};

/// One connection that writes and one that reads, so that a read never waits for a sync.
class open_file {
 public:
  explicit open_file(std::filesystem::path file) : file_(std::move(file)) {}
  open_file(std::filesystem::path file, std::unique_ptr<sqlite::connection> writer)
      : file_(std::move(file)) {
    writer->execute(of_writer);
    writer_.c = std::move(writer);
  }

  /// The edge of this folder: what was thrown inside becomes a failure.
  template <class F>
  auto guarded(const char* doing, F f) -> expected<decltype(f())> {
    try {
      return f();
    } catch (const sqlite::error& e) {
      return store_failure(std::string(doing) + " the store", file_, e);
    } catch (const std::exception& e) {
      return fail(errc::store_failed,
                  "Cannot " + std::string(doing) + " the store " + file_.string() +
                      ": an entry is not as expected (" + e.what() +
                      "). Was it changed by another program?",
                  json{{"file", file_.string()}});
    }
  }

  template <class F>
  auto reading(F f) {
    return guarded("read from", [&] {
      std::lock_guard lock(reader_.mutex);
      return f(reader_.opened(file_, "PRAGMA query_only = ON"));
    });
  }

  template <class F>
  auto writing(const char* doing, durability safety, F f) {
    return guarded(doing, [&] {
      std::lock_guard lock(writer_.mutex);
      // A log that one large step has blown up is cut back at the next checkpoint.
      auto& writer =
          writer_.opened(file_, "PRAGMA journal_size_limit = 16777216; PRAGMA synchronous = FULL");
      if (safety != safety_) {  // only outside a transaction
        sqlite::query(writer, safety == durability::power ? "PRAGMA synchronous = FULL"
                                                          : "PRAGMA synchronous = NORMAL")
            .run();
        safety_ = safety;
      }
      sqlite::transaction t(writer);
      auto result = f(writer);
      t.commit();
      return result;
    });
  }

 private:
  /// A log that one large step has blown up is cut back at the next checkpoint.
  static constexpr const char* of_writer =
      "PRAGMA journal_size_limit = 16777216; PRAGMA synchronous = FULL";

  std::filesystem::path file_;
  guarded_connection writer_;
  guarded_connection reader_;
  durability safety_ = durability::power;  ///< of writer_
};

/// Makes the store of a state directory, or brings it up to date, and opens it; fails as
/// open_store() does.
expected<std::unique_ptr<open_file>> open_prepared(const std::filesystem::path& state_directory);

}  // namespace ratchet::store
