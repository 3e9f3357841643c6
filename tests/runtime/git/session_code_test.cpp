// SPDX-License-Identifier: MIT
//
// The code of a session is read while it lives, and what was kept also after.
#include "runtime/git/session_code.hpp"

#include "runtime/git/workspaces.hpp"
#include "tests/runtime/git/temp_repository.hpp"

using namespace ratchet;
using namespace ratchet::test;

namespace {

struct read_session {
  temp_repository repo;
  std::shared_ptr<workspace_port> port = must(open_workspaces(repo.state));
  std::shared_ptr<code_port> code = open_session_code(repo.state);
  workspace_info info = must(port->create("s", repo.settings()));

  read_code of(const std::string& id, const std::string& file = "train.py") {
    return {"s", repo.root.string(), id, "", file};
  }
};

}  // namespace

TEST_CASE("a candidate's text is read from its tree, kept or not, and nothing else moves") {
  read_session s;
  const auto before = must(s.code->read(s.of(s.info.base_commit))).text;
  auto edit = must(s.port->draft("s", s.info.base_commit, {{"train.py", "lr = 7\n"}}));
  CHECK(must(s.code->read(s.of(edit.tree))).text == "lr = 7\n");
  CHECK(must(s.code->read(s.of(s.info.base_commit))).text == before);
  CHECK_FALSE(must(s.code->read(s.of(edit.tree, "nowhere.py"))).there);
}

TEST_CASE("what two commits differ in is a diff") {
  read_session s;
  auto edit = must(s.port->draft("s", s.info.base_commit, {{"train.py", "lr = 7\n"}}));
  auto ask = s.of(edit.tree);
  ask.against = s.info.base_commit;
  CHECK(must(s.code->read(ask)).text.find("+lr = 7\n") != std::string::npos);
}

TEST_CASE("once a session has ended its kept code is there, and of the rest it is said why not") {
  read_session s;
  auto kept = must(s.port->apply("s", s.info.base_commit, {{"train.py", "lr = 7\n"}}));
  auto commit = must(s.port->commit("s", kept.tree, s.info.base_commit, "iter 1\n", 1700000000000));
  must(s.port->publish("s", commit, s.info.base_commit));
  auto lost = must(s.port->draft("s", commit, {{"train.py", "lr = 8\n"}}));
  must(s.port->remove("s"));
  CHECK(must(s.code->read(s.of(commit))).text == "lr = 7\n");
  auto gone = s.code->read(s.of(lost.tree));
  REQUIRE_FALSE(gone.has_value());
  CHECK(gone.error().text.find("is stored no more") != std::string::npos);
}

TEST_CASE("files are read as far as there is room, binary ones are named only") {
  read_session s;
  std::filesystem::create_directories(s.repo.root / "more");
  write_text(s.repo.root / "more/a.h", "int a;\n");
  write_text(s.repo.root / "more/long.h", std::string(500, 'x'));
  write_text(s.repo.root / "more/data.h", std::string("\0\1\2", 3));
  s.repo.git("add .");
  s.repo.git("-c user.name=t -c user.email=t@t commit -qm more");
  const auto head = s.repo.git("rev-parse HEAD").substr(0, 40);
  auto in_folder = [](const std::string& path) { return path.starts_with("more/"); };
  auto read = must(s.code->files(s.of(head), in_folder, 100));
  REQUIRE(read.texts.size() == 1);
  CHECK(read.texts.at("more/a.h") == "int a;\n");
  CHECK(read.left_out == std::vector<std::string>{"more/data.h", "more/long.h"});
}
