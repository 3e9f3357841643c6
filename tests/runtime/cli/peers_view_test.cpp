// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "runtime/cli/peers_view.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::cli;
using namespace ratchet::testing;

namespace {

constexpr std::int64_t now = 1'700'000'000'000;
const std::string own(64, '0');

std::string view(const std::vector<peer_record>& peers, const federation_settings& settings = {},
                 int width = 10'000) {
  return joined(peers_lines(own, settings, peers, now, width, {}));
}

}  // namespace

TEST_CASE("without peers the view says who this node is and how to name one") {
  auto text = view({});
  CHECK(contains(text, own));
  CHECK(contains(text, "ratchet peers add NODE_ID HOST:PORT"));
  CHECK(contains(text, "stay here"));
  CHECK(contains(view({}, {.share_recipes = true, .exchange = true}), "go to the peers"));
}

TEST_CASE("a peer's line has who, where, when and how much; below it is what went wrong, and why") {
  peer_record p;
  p.node_id = std::string(64, 'a');
  p.name = "lab";
  p.address = "192.0.2.7:7718";
  p.last_seen_ms = now - 234'000;
  p.accepted = 12;
  p.refused = 2;
  p.last_refusal = "replayed: its sequence is 2 and the last one accepted is 5";
  p.last_refusal_ms = now - 60'000;
  p.delivered = 9;
  p.pending = 3;
  p.rejected = 1;
  p.last_rejection = "stale: two hours";
  p.failures = 2;
  p.last_error = "nothing can be reached at 192.0.2.7:7718";
  p.next_attempt_ms = now + 20'000;
  auto text = view({p});
  for (const char* part : {"aaaaaaaaaaaa ", "lab", "192.0.2.7:7718", "3:54 ago", "12",
                           "we refused, 1:00 ago: replayed", "it refused 1 of ours: stale",
                           "not reached: nothing", "next attempt in 20"})
    CHECK_MESSAGE(contains(text, part), part << " in\n" << text);
  p.last_error.clear();
  p.refused = p.rejected = 0;
  text = view({p});
  CHECK(!contains(text, "refused,"));
  CHECK(!contains(text, "not reached"));
}

TEST_CASE("a learned peer says who told of it, and whether it is in use") {
  peer_record p;
  p.node_id = std::string(64, 'a');
  p.learned = true;
  p.in_use = false;
  p.introduced_by = std::string(64, 'b');
  CHECK(contains(view({p}), "told of by bbbbbbbbbbbb; not in use"));
  CHECK(contains(view({p}), "never"));
  CHECK(contains(view({p}), "(only heard)"));
}

TEST_CASE("what a peer wrote cannot steer the terminal, and a narrow one gets no more than fits") {
  peer_record p;
  p.node_id = std::string(64, 'a');
  p.name = "\x1b[2Jgone\n";
  p.rejected = 1;
  p.last_rejection = "bad: \x1b]0;title\x07";
  auto text = view({p});
  CHECK(!contains(text, "\x1b"));
  CHECK(!contains(text, "\x07"));
  for (const auto& line : peers_lines(own, {}, {p}, now, 40, {}))
    if (!contains(line, own)) CHECK(display_width(line) <= 40);
}
