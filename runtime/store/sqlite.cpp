// SPDX-License-Identifier: MIT
#include "runtime/store/sqlite.hpp"

#include <sqlite3.h>

#include <cmath>

namespace ratchet::sqlite {

namespace {

constexpr int busy_timeout_ms = 10'000;
/// Pages in the log at which a commit moves them into the file; SQLite's own default.
constexpr int pages_at_commit = 1000;
/// The same when a connection closes. What stays in the log is read again by the next process to
/// open the file, which costs it less than two syncs and two new files do each process.
constexpr int pages_at_close = 100;

}  // namespace

// -- connection -----------------------------------------------------------------------------------

connection::connection(const std::filesystem::path& file) {
  // NOMUTEX: the owner's mutex already keeps threads apart.
  int code = sqlite3_open_v2(
      file.c_str(), &handle_,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  if (code != SQLITE_OK) {
    error e{code, handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code)};
    sqlite3_close_v2(handle_);
    throw e;
  }
  sqlite3_busy_timeout(handle_, busy_timeout_ms);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_wal_hook(handle_, &connection::on_commit, this);
}

int connection::on_commit(void* me, sqlite3* handle, const char* name, int pages) {
  static_cast<connection*>(me)->pages_in_log_ = pages;
  if (pages >= pages_at_commit)
    sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  return SQLITE_OK;
}

connection::~connection() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  if (pages_in_log_ > pages_at_close) {
    sqlite3_busy_timeout(handle_, 0);  // who is at work there will do it later
    sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  }
  sqlite3_close_v2(handle_);
}

void connection::raise(int code, bool at_commit) const {
  throw error{code, sqlite3_errmsg(handle_), at_commit};
}

void connection::execute(const std::string& sql) {
  int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) raise(code);
}

std::int64_t connection::integer(const char* sql) {
  query q(*this, sql);
  return q.next() ? q.integer(0) : 0;
}

std::string connection::text(const char* sql) {
  query q(*this, sql);
  return q.next() ? q.text(0) : std::string();
}

bool connection::read_only() const { return sqlite3_db_readonly(handle_, "main") == 1; }

std::int64_t connection::changes() const { return sqlite3_changes64(handle_); }

std::int64_t connection::last_row_id() const { return sqlite3_last_insert_rowid(handle_); }

sqlite3_stmt* connection::prepared(const char* sql) {
  auto [it, fresh] = statements_.try_emplace(sql, nullptr);
  if (it->second) return it->second;
  int code = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &it->second, nullptr);
  if (code != SQLITE_OK) raise(code);
  return it->second;
}

// -- query ----------------------------------------------------------------------------------------

query::~query() {
  sqlite3_reset(statement_);
  // Bound texts are not copied: none may be looked at after their owner is gone.
  sqlite3_clear_bindings(statement_);
}

void query::check(int code) {
  if (code == SQLITE_OK) return;
  error e{code, sqlite3_errmsg(connection_.handle_)};
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  throw e;
}

bool query::next() {
  int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  connection_.raise(code);
}

std::int64_t query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

double query::real(int column) const { return sqlite3_column_double(statement_, column); }

std::optional<double> query::optional_real(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return real(column);
}

std::string query::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return bytes ? std::string(bytes, sqlite3_column_bytes(statement_, column)) : std::string();
}

void query::bind(int position, std::string_view text) {
  // A null pointer would bind NULL; an empty view may hold one.
  const char* bytes = text.data() ? text.data() : "";
  check(sqlite3_bind_text64(statement_, position, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void query::bind(int position, std::int64_t value) {
  check(sqlite3_bind_int64(statement_, position, value));
}

void query::bind(int position, double value) {
  if (!std::isfinite(value)) return bind_null(position);
  check(sqlite3_bind_double(statement_, position, value));
}

void query::bind(int position, const std::optional<double>& value) {
  if (!value) return bind_null(position);
  bind(position, *value);
}

void query::bind_null(int position) { check(sqlite3_bind_null(statement_, position)); }

// -- transaction ----------------------------------------------------------------------------------

transaction::transaction(connection& c) : connection_(c) { query(c, "BEGIN IMMEDIATE").run(); }

transaction::~transaction() {
  // SQLite rolls back by itself on some errors; the answer of a second rollback means nothing.
  if (open_ && !sqlite3_get_autocommit(connection_.handle_))
    sqlite3_exec(connection_.handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

void transaction::commit() {
  try {
    query(connection_, "COMMIT").run();
  } catch (error& e) {
    e.at_commit = true;
    throw;
  }
  open_ = false;
}

}  // namespace ratchet::sqlite
