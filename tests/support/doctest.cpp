// SPDX-License-Identifier: MIT
// Without its main, which is support/main.cpp.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
