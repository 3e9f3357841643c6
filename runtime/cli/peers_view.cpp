// SPDX-License-Identifier: MIT
#include "runtime/cli/peers_view.hpp"

#include "actors/logic/text.hpp"

namespace ratchet::cli {

namespace {

std::string safe(std::string_view text) { return one_line(harmless(text), 400); }

/// In whole seconds.
std::string time_text(std::int64_t ms) {
  const std::int64_t seconds = ms / 1000;
  return duration_text(static_cast<double>(seconds));
}

std::string ago(std::int64_t then_ms, std::int64_t now_ms) {
  if (then_ms == 0) return "never";
  if (then_ms > now_ms) return "just now";
  return time_text(now_ms - then_ms) + " ago";
}

std::string row(std::string_view peer, std::string_view name, std::string_view address,
                std::string_view seen, std::string_view accepted, std::string_view refused,
                std::string_view told, std::string_view waiting, int width,
                const text_style& style) {
  return clipped(cell(peer, 14, style) + cell(name, 13, style) + cell(address, 23, style) +
                     cell(seen, 14, style) + cell(accepted, 10, style) + cell(refused, 9, style) +
                     cell(told, 6, style) + std::string(waiting),
                 width, style);
}

std::string note(const std::string& text, int width, const text_style& style) {
  return clipped("              " + painted(style, paint::yellow, safe(text)), width, style);
}

void add_peer(std::vector<std::string>& lines, const peer_record& p, std::int64_t now_ms, int width,
              const text_style& style) {
  auto n = [](std::int64_t x) { return std::to_string(x); };
  lines.push_back(row(p.node_id.substr(0, 12), safe(p.name),
                      p.address.empty() ? "(only heard)" : safe(p.address),
                      ago(p.last_seen_ms, now_ms), n(p.accepted), n(p.refused), n(p.delivered),
                      n(p.pending), width, style));
  if (p.learned)
    lines.push_back(note("told of by " + p.introduced_by.substr(0, 12) +
                             (p.in_use ? "" : "; not in use: `ratchet peers add` takes it over"),
                         width, style));
  if (p.refused > 0)
    lines.push_back(note("we refused, " + ago(p.last_refusal_ms, now_ms) + ": " + p.last_refusal,
                         width, style));
  if (p.rejected > 0)
    lines.push_back(
        note("it refused " + n(p.rejected) + " of ours: " + p.last_rejection, width, style));
  if (!p.last_error.empty())
    lines.push_back(note("not reached: " + p.last_error +
                             (p.next_attempt_ms > now_ms
                                  ? "; next attempt in " + time_text(p.next_attempt_ms - now_ms)
                                  : ""),
                         width, style));
}

}  // namespace

std::vector<std::string> peers_lines(const std::string& own_id, const federation_settings& settings,
                                     const std::vector<peer_record>& peers, std::int64_t now_ms,
                                     int width, const text_style& style) {
  std::vector<std::string> lines{painted(style, paint::dim, cell("this node", 14, style)) + own_id,
                                 painted(style, paint::dim, cell("recipes", 14, style)) +
                                     (settings.share_recipes ? "go to the peers" : "stay here"),
                                 painted(style, paint::dim, cell("exchange", 14, style)) +
                                     (settings.exchange ? "peers tell each other of peers" : "off"),
                                 ""};
  if (peers.empty()) {
    lines.emplace_back("no peers yet; `ratchet peers add NODE_ID HOST:PORT` names one");
    return lines;
  }
  lines.push_back(painted(style, paint::dim,
                          row("PEER", "NAME", "ADDRESS", "LAST SEEN", "ACCEPTED", "REFUSED", "TOLD",
                              "WAITING", width, {})));
  for (const auto& p : peers) add_peer(lines, p, now_ms, width, style);
  return lines;
}

}  // namespace ratchet::cli
