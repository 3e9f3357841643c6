// SPDX-License-Identifier: MIT
// Apart from doctest itself, so that a program with a main of its own can use the fakes.
#include <doctest/doctest.h>

int main(int argc, char** argv) { return doctest::Context(argc, argv).run(); }
