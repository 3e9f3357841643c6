// SPDX-License-Identifier: MIT
//
// What is known of other nodes, in memory: set `known` and `chosen`; what is written is only noted.
#pragma once

#include "actors/ports/federation_port.hpp"
#include "tests/support/fakes.hpp"

namespace ratchet::testing {

class fake_federation : public federation_port, public fault_plan {
 public:
  federation_settings chosen;
  std::vector<peer_record> known;
  std::vector<hive_vote> cast;
  std::vector<received_recipe> received;
  std::vector<outbox_entry> sent;

  expected<federation_settings> settings() override {
    if (auto f = called("settings")) return *f;
    return chosen;
  }
  expected<> set(const federation_settings& s) override {
    if (auto f = called("set")) return *f;
    chosen = s;
    return {};
  }
  expected<std::vector<peer_record>> peers() override {
    if (auto f = called("peers")) return *f;
    return known;
  }
  expected<std::optional<peer_record>> peer(const std::string& id) override {
    for (const auto& p : known)
      if (p.node_id == id) return std::optional{p};
    return std::optional<peer_record>{};
  }
  expected<> add_peer(const std::string& id, const std::string& address, const std::string& name,
                      std::int64_t) override {
    known.push_back({.node_id = id, .name = name, .address = address});
    return {};
  }
  expected<bool> remove_peer(const std::string& id) override {
    return std::erase_if(known, [&](const peer_record& p) { return p.node_id == id; }) > 0;
  }
  expected<bool> forgive_sequence(const std::string& id) override {
    return std::any_of(known.begin(), known.end(),
                       [&](const peer_record& p) { return p.node_id == id; });
  }
  expected<std::int64_t> renumber(std::int64_t now_ms) override { return now_ms; }
  expected<> introduce(const std::vector<peer_introduction>&, const std::string& by,
                       std::int64_t) override {
    return note("introduce", by);
  }
  expected<std::int64_t> add_to_outbox(const std::string& id, const json& delta,
                                       const std::string& time) override {
    if (auto f = called("add_to_outbox", id)) return *f;
    sent.push_back({static_cast<std::int64_t>(sent.size()) + 1, id, delta, time});
    return sent.back().id;
  }
  expected<std::vector<outbox_entry>> pending(const std::string&, std::size_t) override {
    return std::vector<outbox_entry>{};
  }
  expected<> delivered(const std::string& id, std::int64_t, const std::string&,
                       std::int64_t) override {
    return note("delivered", id);
  }
  expected<> unreached(const std::string& id, const std::string&, int, std::int64_t) override {
    return note("unreached", id);
  }
  expected<> settle() override { return note("settle", ""); }
  expected<std::optional<delta_sender>> sender(const std::string&, std::int64_t) override {
    return std::optional<delta_sender>{};
  }
  expected<bool> accept(const checked_delta&, std::int64_t) override { return false; }
  expected<> refuse(const std::string& id, const delta_refusal&, std::int64_t) override {
    return note("refuse", id);
  }
  expected<> seen(const std::string& id, std::int64_t) override { return note("seen", id); }
  expected<std::vector<hive_vote>> votes(const std::string& task_type) override {
    if (auto f = called("votes", task_type)) return *f;
    return cast;
  }
  expected<std::vector<received_recipe>> received_recipes(std::size_t) override {
    if (auto f = called("received_recipes")) return *f;
    return received;
  }

 private:
  expected<> note(const std::string& call, const std::string& argument) {
    if (auto f = called(call, argument)) return *f;
    return {};
  }
};

}  // namespace ratchet::testing
