// SPDX-License-Identifier: MIT
#include "tests/builds/built_project.hpp"

#include <algorithm>
#include <sstream>

#include "tests/support/long_tests.hpp"

namespace ratchet::e2e {

bool installed(const std::string& program) {
  return std::system((program + " --version >/dev/null 2>&1").c_str()) == 0;
}

std::string built_project::source(const std::string& which, int value) {
  return "int " + which + "(void) { return " + std::to_string(value) + "; }\n";
}

built_project::built_project(const std::map<std::string, std::string>& files, int spare) {
  auto put = [&](const std::string& name, const std::string& text) {
    fs::create_directories((lab.repository / name).parent_path());
    write_text(lab.repository / name, text);
  };
  for (const auto& [which, value] : best) put(which + ".c", source(which, value));
  put("main.c",
      "#include <stdio.h>\nint p(void);\nint q(void);\n"
      "int main(void) {\n  printf(\"score: %d\\n\", 100 * p() + q());\n  return 0;\n}\n");
  for (int i = 0; i < spare; ++i) {
    const auto name = "spare" + std::to_string(i);
    put(name + ".c", source(name, i));
  }
  for (const auto& [name, text] : files) put(name, text);
  lab.git("add -A");
  lab.git("-c user.name=a -c user.email=a@example.org commit -qm project");
  write_text(compiler(), "#!/bin/sh\necho \"$*\" >> '" + (lab.folder.path / "cc.log").string() +
                             "'\nexec cc \"$@\"\n");
  fs::permissions(compiler(), fs::perms::owner_all);
}

void built_project::open(const json& more) {
  settings = more;
  json arguments{{"repo_path", lab.repository.string()},
                 {"target_files", {"p.c", "q.c"}},
                 {"metric_name", "score"},
                 {"edit_backend", "host"},
                 {"environment", {"CC=" + compiler()}}};
  arguments.update(more);
  const json opened = lab.ask("autoresearch_setup", arguments);
  id = opened.value("session_id", "");
  CHECK_MESSAGE(opened["baseline_metric"] == 100 * best["p"] + best["q"], opened.dump());
}

int built_project::expected(const std::string& which, int value) const {
  auto now = best;
  now[which] = value;
  return 100 * now["p"] + now["q"];
}

json built_project::try_it(const std::string& which, int value) {
  const std::string what = which + "=" + std::to_string(value) + " of " + settings.dump();
  const json edited =
      lab.ask("autoresearch_edit", {{"session_id", id},
                                    {"hypothesis", which + "=" + std::to_string(value)},
                                    {"content", {{which + ".c", source(which, value)}}}});
  CHECK_MESSAGE(edited.value("success", false), edited.dump());
  last_run = lab.ask("autoresearch_run", {{"session_id", id}});
  const int wanted = expected(which, value), incumbent = expected("p", best["p"]);
  CHECK_MESSAGE(last_run["metric_value"] == wanted, what << ": " << last_run.dump());
  for (const auto& s : last_run.value("samples", json::array())) {
    const int right = s["incumbent"].get<bool>() ? incumbent : wanted;
    CHECK_MESSAGE(s["metric_value"] == right, what << ": " << last_run.dump());
  }
  CHECK_MESSAGE(last_run.dump().find("built nothing") == std::string::npos, last_run.dump());
  const json decided = lab.ask("autoresearch_decide", {{"session_id", id}});
  CHECK_MESSAGE(decided["decision"] == (wanted > incumbent ? "kept" : "reverted"),
                what << ": " << decided.dump());
  if (decided["decision"] == "kept") best[which] = value;
  return decided;
}

void built_project::a_night() {
  try_it("p", 4);  // kept
  try_it("q", 1);  // reverted
  try_it("q", 9);  // kept, on the products of the kept p
  try_it("p", 2);  // reverted
  if (!long_tests()) return;
  try_it("p", 7);  // kept
  try_it("q", 8);  // reverted
}

json built_project::finalize() {
  return lab.ask("autoresearch_finalize", {{"session_id", id}, {"compare", false}});
}

std::string built_project::compiled() {
  const auto log = lab.folder.path / "cc.log";
  std::istringstream lines(read_text(log));
  fs::remove(log);
  std::vector<std::string> sources;
  for (std::string line; std::getline(lines, line);) {
    if ((" " + line + " ").find(" -c ") == std::string::npos) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;)
      if (word.ends_with(".c")) sources.push_back(fs::path(word).filename());
  }
  std::sort(sources.begin(), sources.end());
  std::string all;
  for (const auto& s : sources) all += (all.empty() ? "" : " ") + s;
  return all;
}

}  // namespace ratchet::e2e
