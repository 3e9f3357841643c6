// SPDX-License-Identifier: MIT
//
// Multiplies two square matrices in blocks and prints the speed in GFLOP/s. The block sizes and the
// unrolling are left for Ratchet to find: they are correct as they stand, and far from the best for
// any machine.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

constexpr int n = 384;

constexpr int block_rows = 4;   // ratchet: choices 1, 2, 4, 8, 16, 32, 64, 128, 384
constexpr int block_inner = 4;  // ratchet: choices 1, 2, 4, 8, 16, 32, 64, 128, 384
constexpr int block_cols = 8;   // ratchet: choices 4, 8, 16, 32, 64, 128, 192, 384
constexpr int unroll = 1;       // ratchet: choices 1, 2, 4, 8

static void multiply(const float* a, const float* b, float* c) {
  for (int i0 = 0; i0 < n; i0 += block_rows)
    for (int k0 = 0; k0 < n; k0 += block_inner)
      for (int j0 = 0; j0 < n; j0 += block_cols)
        for (int i = i0; i < i0 + block_rows && i < n; ++i)
          for (int k = k0; k < k0 + block_inner && k < n; ++k) {
            const float x = a[i * n + k];
            const float* row = b + k * n;
            float* out = c + i * n;
#pragma GCC unroll unroll
            for (int j = j0; j < j0 + block_cols; ++j) out[j] += x * row[j];
          }
}

int main() {
  std::vector<float> a(n * n), b(n * n), c(n * n);
  for (int i = 0; i < n * n; ++i) {
    a[i] = static_cast<float>(i % 7) - 3.0f;
    b[i] = static_cast<float>(i % 5) - 2.0f;
  }
  // The best of several rounds: what the code can do, not what else the machine was doing.
  double best = 0;
  for (int round = 0; round < 12; ++round) {
    std::fill(c.begin(), c.end(), 0.0f);
    auto begin = std::chrono::steady_clock::now();
    multiply(a.data(), b.data(), c.data());
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    best = std::fmax(best, 2.0 * n * n * n / took.count() / 1e9);
  }
  // A wrong result is no result: the sum is exact in float for these small integers.
  double sum = 0, expected = 0;
  for (float x : c) sum += x;
  for (int k = 0; k < n; ++k) {
    double column = 0, row = 0;
    for (int i = 0; i < n; ++i) {
      column += a[i * n + k];
      row += b[k * n + i];
    }
    expected += column * row;
  }
  if (sum != expected) {
    std::fprintf(stderr, "wrong result: %.1f instead of %.1f\n", sum, expected);
    return 1;
  }
  std::printf("gflops: %.4f\n", best);
}
