// SPDX-License-Identifier: MIT
//
// The checks that need nothing but the argument itself: kind, range, length, shape. What they
// refuse is `invalid_argument` and says which argument, what was given and what is allowed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "messages/failure.hpp"
#include "messages/json.hpp"
#include "messages/settings.hpp"
#include "runtime/tools/argument.hpp"

namespace ratchet {

/// `invalid_argument` with `details.field`; `text` is the whole sentence.
failure refuse_argument(std::string_view field, std::string text);

/// A value as an error text shows it: on one line, at most 80 characters.
std::string as_given(const json& value);

/// What an object has under the name; nothing for null, too.
const json* given(const json& object, std::string_view name);

/// Depth, lists and bytes of one value: beyond these it is not even copied.
expected<> check_size(std::string_view field, const json& value, std::size_t max_bytes);

/// Kind, range, length, UTF-8 and nesting of one value, by the table's row. Null is not a value:
/// the caller treats it as absent.
expected<> check_argument(const tool_argument& argument, const json& value);

/// A path inside a repository: relative, '/' between its names, no "..", no ".git" anywhere. A
/// leading "./" and a trailing '/' are taken off; the rest is returned as it was.
expected<std::string> inside_path(std::string_view field, const std::string& text);

/// Made absolute by its text alone; whether anything is there is not looked at.
expected<std::string> absolute_path(std::string_view field, const std::string& text);

/// 1 to 128 of A-Z a-z 0-9 _ . -
bool is_identifier(std::string_view text);

/// A command of the right kind that names a program.
expected<command_line> command_argument(std::string_view field, const json& value);

/// The keys of an object that is part of an argument: the first unknown one is refused with the
/// nearest known one, as is an absent required one.
expected<> check_keys(std::string_view field, const json& object,
                      const std::vector<std::string>& known,
                      const std::vector<std::string>& required);

/// `"a", "b" or "c"`.
std::string list_words(std::span<const std::string_view> words);

/// " Did you mean X?" or "".
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace ratchet
