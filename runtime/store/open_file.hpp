// SPDX-License-Identifier: MIT
//
// The store's file, opened: what its parts share. Failures leave this folder in words.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <utility>

#include "messages/records.hpp"
#include "runtime/store/sqlite.hpp"
#include "runtime/store/store_failure.hpp"

namespace ratchet::store {

/// A connection and the mutex that keeps its threads apart.
struct guarded_connection {
  explicit guarded_connection(const std::filesystem::path& file) : c(file) {}
  std::mutex mutex;
  sqlite::connection c;
};

/// One connection that writes and one that reads, so that a read never waits for a sync.
class open_file {
 public:
  explicit open_file(std::filesystem::path file)
      : file_(std::move(file)), writer_(file_), reader_(file_) {
    reader_.c.execute("PRAGMA query_only = ON");
    // A log that one large step has blown up is cut back at the next checkpoint.
    writer_.c.execute("PRAGMA journal_size_limit = 16777216; PRAGMA synchronous = FULL");
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
      return f(reader_.c);
    });
  }

  template <class F>
  auto writing(const char* doing, durability safety, F f) {
    return guarded(doing, [&] {
      std::lock_guard lock(writer_.mutex);
      if (safety != safety_) {  // only outside a transaction
        sqlite::query(writer_.c, safety == durability::power ? "PRAGMA synchronous = FULL"
                                                             : "PRAGMA synchronous = NORMAL")
            .run();
        safety_ = safety;
      }
      sqlite::transaction t(writer_.c);
      auto result = f(writer_.c);
      t.commit();
      return result;
    });
  }

 private:
  std::filesystem::path file_;
  guarded_connection writer_;
  guarded_connection reader_;
  durability safety_ = durability::power;  ///< of writer_
};

}  // namespace ratchet::store
