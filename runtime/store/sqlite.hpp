// SPDX-License-Identifier: MIT
//
// A thin skin over SQLite's C interface: connections that close, statements that reset, errors that
// carry SQLite's own text. Inside runtime/store a failing call throws `sqlite::error`; sqlite_store
// turns it into a failure before it leaves the folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace ratchet::sqlite {

/// What SQLite answered. `at_commit`: it came while a transaction was being committed, so that an
/// I/O error leaves the outcome unknown.
struct error {
  int code = 0;  ///< extended result code
  std::string text;
  bool at_commit = false;

  int primary() const { return code & 0xff; }
};

/// One open file. Not for two threads at once: its owner holds a mutex while using it. Must not be
/// carried across fork(). Closing leaves a short write-ahead log in place, with all that is in it.
class connection {
 public:
  /// Creates the file when it is absent. Waits ≤ 10 s for locks of other processes.
  explicit connection(const std::filesystem::path& file);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Runs one or more statements and ignores their rows.
  void execute(const std::string& sql);
  std::int64_t integer(const char* sql);  ///< the first column of the first row
  std::string text(const char* sql);
  bool read_only() const;
  /// Rows that the last INSERT, UPDATE or DELETE touched, triggers aside; the last row id given.
  std::int64_t changes() const;
  std::int64_t last_row_id() const;

 private:
  friend class query;
  friend class transaction;
  [[noreturn]] void raise(int code, bool at_commit = false) const;
  sqlite3_stmt* prepared(const char* sql);
  static int on_commit(void* me, sqlite3* handle, const char* name, int pages);

  sqlite3* handle_ = nullptr;
  int pages_in_log_ = 0;  ///< after our last commit
  /// Keyed by the address of the text: every statement is a literal of this folder.
  std::unordered_map<const void*, sqlite3_stmt*> statements_;
};

/// A running prepared statement. `sql` must be a string literal: it is prepared once a connection
/// and kept. The destructor resets it, which ends the read transaction it may hold. One query of
/// the same text at a time.
class query {
 public:
  template <class... Args>
  query(connection& c, const char* sql, const Args&... args)
      : connection_(c), statement_(c.prepared(sql)) {
    int position = 0;
    (bind(++position, args), ...);
  }
  ~query();
  query(const query&) = delete;
  query& operator=(const query&) = delete;

  bool next();  ///< whether there is a (further) row
  void run() {
    while (next()) {
    }
  }
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::optional<double> optional_real(int column) const;
  std::string text(int column) const;

 private:
  void bind(int position, std::string_view text);
  void bind(int position, const std::string& text) { bind(position, std::string_view(text)); }
  void bind(int position, const char* text) { bind(position, std::string_view(text)); }
  void bind(int position, std::int64_t value);
  void bind(int position, int value) { bind(position, static_cast<std::int64_t>(value)); }
  void bind(int position, bool value) { bind(position, static_cast<std::int64_t>(value)); }
  void bind(int position, double value);  ///< not a number or infinite: NULL
  void bind(int position, const std::optional<double>& value);
  void bind_null(int position);
  void check(int code);

  connection& connection_;
  sqlite3_stmt* statement_;
};

/// BEGIN IMMEDIATE until commit(); rolled back by the destructor otherwise.
class transaction {
 public:
  explicit transaction(connection& c);
  ~transaction();
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  void commit();

 private:
  connection& connection_;
  bool open_ = true;
};

}  // namespace ratchet::sqlite
