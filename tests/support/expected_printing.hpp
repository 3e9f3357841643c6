// SPDX-License-Identifier: MIT
//
// Lets CHECK(answer) print why there is no answer.
#pragma once

#include <doctest/doctest.h>

#include "messages/failure.hpp"

template <class T>
struct doctest::StringMaker<boost::system::result<T, ratchet::failure>> {
  static doctest::String convert(const boost::system::result<T, ratchet::failure>& x) {
    if (x) return "a value";
    return (std::string(ratchet::name_of(x.error().code)) + ": " + x.error().text).c_str();
  }
};
