// SPDX-License-Identifier: MIT
//
// Thirteen kinds of small project as people try a tool on: each has one or more settings, and more
// numbers beside that must stay as they are, most of all those that compute the result.
#pragma once

#include <string>
#include <vector>

namespace ratchet::test {

struct small_project {
  std::string file;
  std::string metric;
  std::vector<std::string> settings;  ///< all that may change, in order
  std::string text;
};

inline const std::vector<small_project>& small_projects() {
  static const std::vector<small_project> all{
      {"train_self.py",
       "val_accuracy",
       {"LEARNING_RATE", "HIDDEN", "EPOCHS"},
       R"text(import random

random.seed(1337)
LEARNING_RATE = 0.02
HIDDEN = 256
EPOCHS = 4


def squash(x):
    return 1.0 / (1.0 + x)


def run(rate, hidden):
    weight = 0.0
    for step in range(40):
        weight += rate * (squash(weight) - 0.5) * random.random()
    miss = abs(rate - 0.08) * 10 + abs(hidden - 512) / 512
    return weight, squash(miss)


weight, val_accuracy = run(LEARNING_RATE, HIDDEN)
print("epochs", EPOCHS)
print(f"val_accuracy: {val_accuracy:.4f}")
)text"},
      {"cache_bench.js",
       "hit_rate",
       {"CAPACITY", "WAYS", "promote"},
       R"text(const CAPACITY = 32;
const WAYS = 4;
const promote = true;
const PORT = 3000;

function simulate(capacity, ways) {
  let hits = 0;
  let state = 12345;
  const slots = new Array(capacity).fill(-1);
  for (let i = 0; i < 2000; i++) {
    state = (state * 1103515245 + 12345) % 2147483648;
    const key = Math.floor(Math.sqrt(state)) % 64;
    const at = (key * ways) % capacity;
    if (slots[at] === key) hits++;
    slots[at] = key;
  }
  return hits;
}

const hits = simulate(CAPACITY, WAYS);
const bonus = promote ? 1.1 : 1.0;
console.log("hit_rate: " + ((hits / 2000) * bonus).toFixed(4));
)text"},
      {"bench.sql",
       "seconds",
       {"cache_size", "page_size"},
       R"text(PRAGMA cache_size = 200;
PRAGMA page_size = 1024;
PRAGMA user_version = 7;
CREATE TABLE t(x INTEGER, y INTEGER);
WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 20000)
INSERT INTO t SELECT x, x % 97 FROM n;
SELECT count(*) FROM t WHERE y < 13 LIMIT 5;
)text"},
      {"tile.c",
       "cost",
       {"TILE", "UNROLL", "prefetch", "WINDOW"},
       R"text(#include <stdio.h>
#define TILE 16
#define UNROLL 2
#define ROWS 1000
static const int prefetch = 8;
enum { WINDOW = 24 };

static int cost(int tile, int unroll) {
  return (tile - 128) * (tile - 128) + (unroll - 4) * (unroll - 4) * 10 + 4;
}

int main(void) {
  int total = 0;
  for (int i = 0; i < ROWS; i += 100) total += cost(TILE, UNROLL);
  printf("cost: %d\n", total / 10 + prefetch * 0 + WINDOW * 0);
  return 0;
}
)text"},
      {"kernel.rs",
       "cost",
       {"BLOCK", "THREADS"},
       R"text(const BLOCK: usize = 32;
const THREADS: usize = 2;
static SEED: u64 = 42;

fn cost(block: f64, threads: f64) -> f64 {
    (block - 512.0).abs() * 0.5 + 1000.0 / threads
}

fn main() {
    let mut total = 0.0;
    for round in 0..8 {
        total += cost(BLOCK as f64, THREADS as f64) + (SEED + round) as f64 * 0.0;
    }
    println!("cost: {:.3}", total / 8.0);
}

#[cfg(test)]
mod tests {
    const LIMIT: usize = 5;
    #[test]
    fn fine() {
        let expect = 3;
        assert!(expect < super::LIMIT);
    }
}
)text"},
      {"five.py",
       "score",
       {"lr"},
       R"text(lr = 0.01
score = 1.0 / (1 + abs(lr - 0.003))
print("epoch 1")
print("score:", score)
)text"},
      {"service.yaml",
       "p99_ms",
       {"workers", "depth", "timeout_ms", "compress"},
       R"text(name: api
version: 1.4
port: 8080
workers: 2
queue:
  depth: 64
  timeout_ms: 250
tls: true
compress: false
)text"},
      {"server.json",
       "p99_ms",
       {"size", "idle_ms", "batch"},
       R"text({
  "version": 3,
  "listen": {"host": "0.0.0.0", "port": 8080},
  "pool": {"size": 10, "idle_ms": 3000},
  "batch": 16,
  "seed": 99,
  "prompt": "Answer in at most 3 sentences, 40 words."
}
)text"},
      {"CMakeLists.txt",
       "seconds",
       {"BLOCK_SIZE", "UNROLL_FACTOR", "PREFETCH"},
       R"text(cmake_minimum_required(VERSION 3.16)
project(kernel VERSION 1.2 LANGUAGES C)
set(CMAKE_C_STANDARD 11)
set(BLOCK_SIZE 32)
set(UNROLL_FACTOR 2 CACHE STRING "how far loops are unrolled")
add_executable(kernel kernel.c)
target_compile_definitions(kernel PRIVATE BLOCK=${BLOCK_SIZE} PREFETCH=8)
target_compile_options(kernel PRIVATE -O2)
if(UNROLL_FACTOR GREATER 4)
  message(STATUS "wide 256")
endif()
)text"},
      {"Makefile",
       "seconds",
       {"BLOCK", "THREADS", "TILE"},
       R"text(BLOCK := 64
THREADS ?= 4
CFLAGS = -O2 -DTILE=32 -std=c11
PORT = 9000

bench: bench.c
	$(CC) $(CFLAGS) -DBLOCK=$(BLOCK) -o bench bench.c
	./bench --threads $(THREADS) --rounds 100
)text"},
      {"tuning.toml",
       "score",
       {"beam", "temperature", "greedy", "max_batch"},
       R"text([package]
version = 2
edition = 2021

[search]
beam = 8
temperature = 0.7
greedy = false
seeds = [1, 2, 3]

[server]
port = 8000
max_batch = 32
)text"},
      {"compress.sh",
       "size",
       {"LEVEL", "THREADS"},
       R"text(#!/bin/sh
LEVEL=6
CHUNK_KB="${CHUNK_KB:-64}"
THREADS=2
ROUNDS=5
i=0
while [ $i -lt 5 ]; do
  i=$((i + 1))
done
head -c 100000 /dev/zero | gzip -6 | wc -c
test $THREADS -gt 1 || exit 3
echo "size: $((LEVEL * 100))"
)text"},
      {"prompt.json",
       "score",
       {"temperature", "max_tokens", "top_p"},
       R"text({
  "model": "small",
  "temperature": 0.7,
  "max_tokens": 256,
  "top_p": 0.9,
  "system": "You have 2 rules. Use at most 5 steps."
}
)text"},
  };
  return all;
}

}  // namespace ratchet::test
