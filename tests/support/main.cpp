// SPDX-License-Identifier: MIT
// Both names: the precompiled header has doctest's declarations already, where the second would
// have stood for the first.
#define DOCTEST_CONFIG_IMPLEMENT
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
