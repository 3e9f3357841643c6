// SPDX-License-Identifier: MIT
//
// What `ratchet settings --help` teaches: what is searched, and how to say it oneself.
#pragma once

namespace ratchet::cli {

inline constexpr const char* settings_help = R"help(
Examples:
  ratchet settings train.py                 name, value, range and line of each setting
  ratchet settings train.py -m val_loss     … and no line that computes val_loss
  ratchet settings --json src/*.cpp         for programs, with every number that was left out

What counts as a setting: a number or true/false that is the whole value of an assignment, constant,
#define, enum, keyword or option default (argparse, click, gflags), of a key in JSON, YAML, TOML or
INI, or of a variable in make, CMake, shell, or of a PRAGMA. It is tried at a half to four times its
value first, then further. Never taken: seeds, ports, versions, identifiers, status codes, the size
of the workload, how the result is measured, and all that is part of a calculation, a condition, a
loop's header, an index, a test, or code for another system.

To say it yourself, put a comment at the end of the line, in the file's own comment style; then only
such lines are searched:
  block = 64        # ratchet: range 8..512            also: step 8, log, linear
  tile = 32         # ratchet: power of two 8..256
  policy = "lru"    # ratchet: choices "lru" "lfu" "fifo"
  CFLAGS = -O2      # ratchet: choices -O2 -O3 -Os
  workers = 4       # ratchet: skip                    never this one
  # ratchet: begin … # ratchet: end                    every number between them

Without touching the file, with --parameters here and in edit_backend (--backend, ratchet.json):
  {"name": "mutate", "parameters": [
    {"file": "Makefile", "match": "-O(\w)", "choices": ["1", "2", "3", "s"]},
    {"file": "train.py", "match": "lr = (\S+)", "range": [1e-5, 0.1], "log": true}]}
match is a RE2 pattern with one group around the literal; range takes log and step as well.
Exit status: 0, or 1 when nothing would be searched.)help";

}  // namespace ratchet::cli
