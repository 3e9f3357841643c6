// SPDX-License-Identifier: MIT
//
// Keys: where they are is a setting, what they are is read at the moment of use and kept nowhere.
#pragma once

#include <string>

#include "messages/failure.hpp"
#include "runtime/llm/chat.hpp"

namespace ratchet {

/// The key of a model: the variable's value, or the file's text without blanks around it; empty
/// when the model names neither. Fails with `invalid_argument` and a sentence that names the
/// variable or file, never what is in it.
expected<std::string> read_key(const chat_model& model);

/// `text` with every occurrence of the key as "[key]": servers like to repeat what they refuse.
std::string without_key(std::string text, const std::string& key);

}  // namespace ratchet
