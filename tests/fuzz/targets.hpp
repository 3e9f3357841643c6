// SPDX-License-Identifier: MIT
//
// What reads bytes of strangers, each as one function that takes any bytes and must neither crash,
// hang nor break what it promises. libFuzzer drives them (run.sh); every build replays what is in
// corpus/ (replay_test.cpp).
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace ratchet::fuzz {

/// "file text", a zero byte, the answer of a model: SEARCH/REPLACE blocks, a diff or a whole file.
void edit_format(std::string_view bytes);
/// A line with the metric's name or pattern, then the output of a run (or the file it wrote).
void metric_scan(std::string_view bytes);
/// A candidate on its way to a worker: 'r' and the bytes as they come, or 'b' and a body, which is
/// deflated here.
void change_format(std::string_view bytes);
/// One message of an agent host.
void json_rpc(std::string_view bytes);
/// 's' or 'c', whose bytes they are, then the bytes of a connection.
void basp_filter(std::string_view bytes);

/// A promise that was broken is a crash to whoever fuzzes.
inline void require(bool kept, const char* promise) {
  if (kept) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

}  // namespace ratchet::fuzz
