// SPDX-License-Identifier: MIT
//
// Four files as people have them, without annotations: what of them is a setting, and a response to
// the settings that matter. For the search without ranges.
#pragma once

#include <string>
#include <vector>

namespace ratchet::test {

/// A setting that the response depends on, and how many doublings its best value is away.
struct response_setting {
  std::string name;  ///< as in the file, directly in front of "= " or ": "
  double doublings;
};

struct realistic_file {
  std::string file;
  std::string metric;
  std::string text;
  std::vector<std::string> settings;  ///< all that may change, by name
  std::vector<response_setting> response;
};

inline const std::vector<realistic_file>& realistic_files() {
  static const std::vector<realistic_file> all{
      {"train.py",
       "val_loss",
       R"(import argparse
import math
import random

import torch
from torch import nn

SEED = 1337
IMAGE_SIZE = 32
NUM_CLASSES = 10
MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2470, 0.2435, 0.2616)
MASTER_PORT = 29500

LEARNING_RATE = 3e-4
BATCH_SIZE = 32
WEIGHT_DECAY = 0.01
DROPOUT = 0.05
WIDTH = 64
DEPTH = 4
WARMUP_STEPS = 100
LABEL_SMOOTHING = 0.02
GRAD_CLIP = 1.0
MOMENTUM = 0.6

random.seed(SEED)
torch.manual_seed(SEED)


class Net(nn.Module):
    def __init__(self, width=WIDTH, depth=DEPTH):
        super().__init__()
        self.stem = nn.Conv2d(3, width, kernel_size=3, padding=1)
        self.blocks = nn.ModuleList(
            nn.Conv2d(width, width, kernel_size=3, padding=1) for _ in range(depth))
        self.head = nn.Linear(width, NUM_CLASSES)

    def forward(self, x):
        x = self.stem(x)
        for i, block in enumerate(self.blocks):
            x = x + 0.5 * torch.relu(block(x))
            if i % 2 == 1:
                x = nn.functional.dropout(x, DROPOUT)
        return self.head(x.mean(dim=3).mean(dim=2))


def schedule(step, total):
    if step < WARMUP_STEPS:
        return step / max(1, WARMUP_STEPS)
    progress = (step - WARMUP_STEPS) / max(1, total - WARMUP_STEPS)
    return 0.5 * (1.0 + math.cos(math.pi * progress))


def evaluate(model, batches):
    total, seen = 0.0, 0
    best = 1e9
    for images, labels in batches:
        loss = nn.functional.cross_entropy(model(images), labels)
        total += loss.item() * 100.0
        seen += 1
        best = min(best, loss.item())
    return total / (100.0 * max(seen, 1))


parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, default=MASTER_PORT)
parser.add_argument("--ema", type=float, default=0.9)
args = parser.parse_args()
model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM,
                            weight_decay=WEIGHT_DECAY)
val_loss = evaluate(model, [])
print(f"val_loss: {val_loss:.6f}")
)",
       {"LEARNING_RATE", "BATCH_SIZE", "WEIGHT_DECAY", "DROPOUT", "WIDTH", "DEPTH", "WARMUP_STEPS",
        "LABEL_SMOOTHING", "GRAD_CLIP", "MOMENTUM", "--ema"},
       {{"LEARNING_RATE", 2.6},
        {"BATCH_SIZE", 1.5},
        {"WEIGHT_DECAY", -2.2},
        {"DROPOUT", 1.8},
        {"WIDTH", 1.0},
        {"WARMUP_STEPS", -1.4},
        {"GRAD_CLIP", -3.2}}},
      {"cache.cpp",
       "ns_per_op",
       R"(#include <chrono>
#include <cstdint>
#include <cstdio>
#include <vector>

#define SHARDS 8
#define WAYS 4

constexpr int kBlockBytes = 64;
constexpr std::size_t kCapacity = 4096;
static const int kPrefetchDistance = 4;
constexpr double kLoadFactor = 0.6;
constexpr int kEvictBatch = 16;
constexpr int kGhostEntries = 512;
enum tuning { kSpinLimit = 128, kBackoffMicros = 40 };

#ifdef _WIN32
constexpr int kAlignment = 4096;
#endif

static std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 29;
  return x * 1099511628211ULL;
}

struct cache {
  int slots[256];
  int used = 0;
};

int main(int argc, char** argv) {
  if (argc > 2) return 2;
  cache c;
  std::vector<std::uint64_t> keys(10000);
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = mix(i + 17);
  auto begin = std::chrono::steady_clock::now();
  long hits = 0;
  for (int round = 0; round < 100000; ++round) {
    auto slot = keys[round % 10000] & 255;
    hits += c.slots[slot] == 1;
    c.slots[slot] = 1;
  }
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("ns_per_op: %.3f\n", took.count() * 1e9 / 100000.0);
  return hits > 0 ? 0 : 1;
}
)",
       {"SHARDS", "WAYS", "kBlockBytes", "kCapacity", "kPrefetchDistance", "kLoadFactor",
        "kEvictBatch", "kGhostEntries", "kSpinLimit", "kBackoffMicros"},
       {{"SHARDS", 1.6},
        {"kBlockBytes", 1.0},
        {"kCapacity", 2.5},
        {"kPrefetchDistance", 2.0},
        {"kEvictBatch", -1.8},
        {"kSpinLimit", 3.0}}},
      {"pool.js",
       "throughput",
       R"(const http = require("http");

const API_VERSION = 3;
const PORT = 8080;
const OK = 200;
const UNAVAILABLE = 503;

const MAX_CONNECTIONS = 20;
const IDLE_TIMEOUT_MS = 500;
const QUEUE_DEPTH = 64;
let batchWindowMs = 8;
const RETRY_BACKOFF_MS = 25;

const options = {
  keepAliveMs: 1000,
  highWaterMark: 16384,
  maxRetries: 3,
  shareFactor: 0.25,
};

function respond(res, busy) {
  if (busy > 10) {
    res.writeHead(UNAVAILABLE, { "Retry-After": 1 });
    return res.end();
  }
  res.statusCode = 404;
  res.writeHead(OK);
  setTimeout(() => res.end(), 5);
}

function measure(requests) {
  let done = 0;
  for (let i = 0; i < 2000; i++) {
    done += requests[i % 64] ? 1 : 0;
  }
  return done / 2.0;
}

const rate = measure([1]) * 1000;
console.log(`throughput: ${rate.toFixed(2)}`);
)",
       {"MAX_CONNECTIONS", "IDLE_TIMEOUT_MS", "QUEUE_DEPTH", "batchWindowMs", "RETRY_BACKOFF_MS",
        "keepAliveMs", "highWaterMark", "maxRetries", "shareFactor"},
       {{"MAX_CONNECTIONS", 1.4},
        {"IDLE_TIMEOUT_MS", 2.8},
        {"QUEUE_DEPTH", -2.0},
        {"batchWindowMs", -1.2},
        {"keepAliveMs", 1.9},
        {"highWaterMark", 2.3},
        {"shareFactor", 1.1}}},
      {"service.yaml",
       "p99_ms",
       R"(service: ranker
version: 2
server:
  port: 8080
  workers: 4
  backlog: 128
  keepalive_s: 30
metrics:
  port: 9100
cache:
  size_mb: 64
  ttl_s: 300
  shards: 8
batching:
  max_batch: 16
  window_ms: 5
model:
  threads: 2
  beam: 6
  temperature: 0.7
  top_k: 40
retry:
  limit: 3
  backoff_ms: 50
  jitter: 0.2
)",
       {"workers", "backlog", "keepalive_s", "size_mb", "ttl_s", "shards", "max_batch", "window_ms",
        "threads", "beam", "temperature", "top_k", "limit", "backoff_ms", "jitter"},
       {{"workers", 1.7},
        {"backlog", 1.0},
        {"size_mb", 2.4},
        {"ttl_s", -1.6},
        {"max_batch", 2.0},
        {"window_ms", -1.2},
        {"backoff_ms", -3.1}}},
  };
  return all;
}

}  // namespace ratchet::test
