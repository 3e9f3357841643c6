// SPDX-License-Identifier: MIT
//
// Files that are there whole or not at all, also after a crash: written under a temporary name,
// then put in place. Here errors are the system's numbers (0 is success); whoever knows what the
// file is makes a sentence of one.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace ratchet {

/// All of it, whatever the kernel takes at a time; waits where a pipe or terminal takes nothing.
int write_all(int descriptor, std::string_view bytes);

/// What no other process or thread calls its file; what a killed one leaves begins with
/// ".ratchet-".
std::string temporary_name();

struct whole_file {
  mode_t mode = 0644;     ///< before the umask
  bool only_new = false;  ///< EEXIST where something has the name already, which is left alone
  bool durable = true;    ///< on the disk, with its name, when this returns
};

/// Makes or replaces `name` in the folder `dir`. On failure what was there is as it was, and
/// nothing is left beside it; but when only the folder could not be synced the new file stands.
int put_whole_file(int dir, const char* name, std::string_view bytes, const whole_file& how = {});
/// The same by a path, whose folder must exist.
int put_whole_file(const std::filesystem::path& file, std::string_view bytes,
                   const whole_file& how = {});

}  // namespace ratchet
