// SPDX-License-Identifier: MIT
#include <algorithm>

#include "actors/logic/text.hpp"
#include "runtime/edit/agents.hpp"

namespace ratchet {

namespace {

constexpr std::size_t max_line_bytes = 4 * 1024 * 1024;

const json& part_of(const json& object, const char* key) {
  static const json nothing;
  if (!object.is_object()) return nothing;
  auto it = object.find(key);
  return it == object.end() ? nothing : *it;
}

std::string words_of(const json& object, const char* key) {
  const json& value = part_of(object, key);
  return value.is_string() ? value.get<std::string>() : "";
}

std::optional<double> amount_of(const json& object, const char* key) {
  const json& value = part_of(object, key);
  if (!value.is_number()) return std::nullopt;
  double amount = value.get<double>();
  return amount >= 0 && amount < 1e15 ? std::optional(amount) : std::nullopt;
}

/// Adds a count that was told, so that one that never was stays unknown.
void add_count(std::optional<long long>& sum, const json& object, const char* key) {
  if (auto amount = amount_of(object, key)) sum = sum.value_or(0) + static_cast<long long>(*amount);
}

void take_claude(const json& o, agent_report& r) {
  if (words_of(o, "type") != "result") return;
  const json& usage = part_of(o, "usage");
  add_count(r.usage.input, usage, "input_tokens");
  add_count(r.usage.cached_input, usage, "cache_read_input_tokens");
  add_count(r.usage.cache_write, usage, "cache_creation_input_tokens");
  add_count(r.usage.output, usage, "output_tokens");
  if (r.usage.input)
    *r.usage.input += r.usage.cached_input.value_or(0) + r.usage.cache_write.value_or(0);
  r.cost_usd = amount_of(o, "total_cost_usd");
  r.text = words_of(o, "result");
  const json& models = part_of(o, "modelUsage");
  double most = -1;
  for (auto it = models.begin(); models.is_object() && it != models.end(); ++it)
    if (auto tokens = amount_of(*it, "outputTokens").value_or(0); tokens > most) {
      most = tokens;
      r.model = it.key();
    }
  const json& failed = part_of(o, "is_error");
  if (failed.is_boolean() && failed.get<bool>())
    r.error = r.text.empty() ? words_of(o, "subtype") : r.text;
}

void take_codex(const json& o, agent_report& r) {
  const std::string type = words_of(o, "type");
  if (type == "turn.completed") {
    const json& usage = part_of(o, "usage");
    add_count(r.usage.input, usage, "input_tokens");
    add_count(r.usage.cached_input, usage, "cached_input_tokens");
    add_count(r.usage.output, usage, "output_tokens");
  } else if (type == "item.completed") {
    const json& item = part_of(o, "item");
    if (words_of(item, "type") == "agent_message") r.text = words_of(item, "text");
  } else if (type == "turn.failed") {
    r.error = words_of(part_of(o, "error"), "message");
    if (r.error.empty()) r.error = "its turn failed";
  }
}

void take_gemini(const json& o, agent_report& r) {
  const std::string type = words_of(o, "type");
  if (type == "init") {
    r.model = words_of(o, "model");
  } else if (type == "message" && words_of(o, "role") == "assistant") {
    const json& delta = part_of(o, "delta");
    bool goes_on = delta.is_boolean() && delta.get<bool>();
    r.text = (goes_on ? r.text : "") + words_of(o, "content");
  } else if (type == "result") {
    const json& stats = part_of(o, "stats");
    add_count(r.usage.input, stats, "input_tokens");
    add_count(r.usage.cached_input, stats, "cached");
    add_count(r.usage.output, stats, "output_tokens");
    if (words_of(o, "status") == "error") {
      r.error = words_of(part_of(o, "error"), "message");
      if (r.error.empty()) r.error = "it ended with an error";
    }
  }
}

void take_opencode(const json& o, agent_report& r) {
  const std::string type = words_of(o, "type");
  const json& part = part_of(o, "part");
  if (type == "text") {
    r.text = words_of(part, "text");
  } else if (type == "step_finish") {
    const json& tokens = part_of(part, "tokens");
    const json& cache = part_of(tokens, "cache");
    // Each step tells its own; what the cache took and what was thought stand apart.
    for (const char* key : {"read", "write"}) add_count(r.usage.input, cache, key);
    add_count(r.usage.input, tokens, "input");
    add_count(r.usage.cached_input, cache, "read");
    add_count(r.usage.cache_write, cache, "write");
    for (const char* key : {"output", "reasoning"}) add_count(r.usage.output, tokens, key);
    if (auto cost = amount_of(part, "cost")) r.cost_usd = r.cost_usd.value_or(0) + *cost;
  } else if (type == "error") {
    const json& error = part_of(o, "error");
    r.error = words_of(part_of(error, "data"), "message");
    if (r.error.empty()) r.error = words_of(error, "name");
    if (r.error.empty()) r.error = "it ended with an error";
  }
}

}  // namespace

void agent_reader::consume(std::string_view bytes) {
  bytes_ += bytes.size();
  while (!bytes.empty()) {
    auto end = bytes.find('\n');
    auto piece = bytes.substr(0, end);
    too_long_ = too_long_ || line_.size() + piece.size() > max_line_bytes;
    if (!too_long_) line_ += piece;
    if (end == std::string_view::npos) return;
    take_line();
    bytes.remove_prefix(end + 1);
  }
}

agent_report agent_reader::finish() {
  take_line();
  return report_;
}

void agent_reader::take_line() {
  std::string line;
  line.swap(line_);
  if (std::exchange(too_long_, false)) return;
  if (name_ == "aider") {
    if (report_.text.empty()) report_.text = one_line(valid_utf8(line));
    return;
  }
  auto begin = line.find_first_not_of(" \t\r");
  if (begin == std::string::npos || line[begin] != '{') return;
  const json object = json::parse(line, nullptr, false);
  if (object.is_object()) take(object);
}

void agent_reader::take(const json& object) {
  if (name_ == "claude") take_claude(object, report_);
  if (name_ == "codex") take_codex(object, report_);
  if (name_ == "gemini") take_gemini(object, report_);
  if (name_ == "opencode") take_opencode(object, report_);
}

}  // namespace ratchet
