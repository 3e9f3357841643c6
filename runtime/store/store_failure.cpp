// SPDX-License-Identifier: MIT
#include "runtime/store/store_failure.hpp"

#include <sqlite3.h>

namespace ratchet {

namespace {

std::string advice(int primary_code) {
  switch (primary_code) {
    case SQLITE_FULL:
      return "Free space on that file system and try again.";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "Another process kept the store locked for more than 10 s: end it or wait for it, "
             "then try again.";
    case SQLITE_CORRUPT:
      return "The file is damaged. Stop every ratchet, keep a copy, then save what is readable "
             "with: sqlite3 ratchet.db .recover | sqlite3 new.db";
    case SQLITE_NOTADB:
      return "The file is not a SQLite database. Move it away, or use another --state-dir.";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return "Make the file and its directory writable for this user (SQLite keeps two more files "
             "beside it), or use another --state-dir.";
    case SQLITE_IOERR:
      return "Check the disk, its space and its limits, then try again.";
    case SQLITE_NOMEM:
      return "Memory ran out: try again.";
    default:
      return "If it happens again, please report it.";
  }
}

}  // namespace

failure store_failure(const std::string& doing, const std::filesystem::path& file,
                      const sqlite::error& e) {
  // The commit record may have reached the disk although syncing it failed.
  const bool unknown = e.at_commit && e.primary() == SQLITE_IOERR;
  std::string text = "Cannot " + doing + " " + file.string() + ": " + e.text + " (SQLite code " +
                     std::to_string(e.code) + "). ";
  if (unknown) text += "It is not known whether this was stored: read it again before going on. ";
  text += advice(e.primary());
  return fail(errc::store_failed, std::move(text),
              json{{"file", file.string()},
                   {"sqlite_code", e.code},
                   {"outcome", unknown ? "unknown" : "nothing_written"}});
}

}  // namespace ratchet
