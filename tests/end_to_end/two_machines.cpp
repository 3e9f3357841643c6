// SPDX-License-Identifier: MIT
#include "tests/end_to_end/two_machines.hpp"

#include <sstream>

namespace ratchet::e2e {

std::vector<json> json_lines_of(const std::string& text) {
  std::vector<json> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (in.eof()) break;  // not printed whole yet
    json j = json::parse(line, nullptr, false);
    CHECK_MESSAGE(!j.is_discarded(), "not JSON: " << line);
    if (!j.is_discarded()) all.push_back(std::move(j));
  }
  return all;
}

void two_machines::start(const std::string& where) {
  node = std::make_unique<process>(lab.command({"node", "--listen", where, "--json"}),
                                   lab.folder.path);
  for (double until = now_s() + 30; now_s() < until && json_lines_of(node->out_so_far()).empty();)
    REQUIRE_FALSE(node->ends_within(10));
  auto said = json_lines_of(node->out_so_far());
  REQUIRE_FALSE(said.empty());
  listens = said[0]["listen"];
}

void two_machines::invite(const std::string& name, const std::string& address) {
  std::vector<std::string> words{"node", "invite", name, "--output", file(name).string(), "--json"};
  if (!address.empty()) words.insert(words.end(), {"--address", address});
  const auto made = lab.run(words);
  CHECK(made.exit_code == 0);
  CHECK(made.answer()["addresses"][0] == (address.empty() ? listens : address));
}

std::vector<std::string> two_machines::command(std::vector<std::string> words) const {
  words.insert(words.begin(), {lab.program, "--join", file().string(), "--state-dir",
                               (member.path / "state").string()});
  return words;
}

outcome two_machines::remote(const std::vector<std::string>& words) const {
  return process(command(words), member.path).end();
}

json two_machines::ask(const std::string& tool, const json& arguments) const {
  auto o = remote({"call", tool, arguments.dump()});
  CHECK_MESSAGE(o.exit_code == 0, tool << ": " << o.out << o.err);
  return o.answer();
}

}  // namespace ratchet::e2e
