// SPDX-License-Identifier: MIT
#include "tests/end_to_end/bad_setups.hpp"

namespace ratchet::e2e {

void make_odd_repositories(const laboratory& lab) {
  shell(lab.folder.path,
        "mkdir plain && git init -q --bare bare.git && git init -q empty && echo x > file");
  shell(lab.repository,
        "mkdir -p sub .hidden && echo 'score: 1' > sub/q.txt && ln -s p.txt link && "
        "ln -s ../outside away && mkdir ../outside && echo 'score: 1' > ../outside/p.txt && "
        "echo 'ignored.txt' > .gitignore && echo 'score: 1' > ignored.txt && git add -A && "
        "git commit -qm more && echo 'score: 1' > untracked.txt");
}

std::vector<bad_call> bad_setups(const laboratory& lab) {
  std::vector<bad_call> calls;
  const std::string tool = "autoresearch_setup";
  auto with = [&](const std::string& name, const json& more, const std::string& field,
                  const std::string& says, const std::string& code = "invalid_argument") {
    json a = lab.setup_arguments();
    for (auto it = more.begin(); it != more.end(); ++it) a[it.key()] = it.value();
    calls.push_back({name, tool, raw(a), code, field, says});
  };
  auto without = [&](const std::string& key) {
    json a = lab.setup_arguments();
    a.erase(key);
    calls.push_back({"no " + key, tool, raw(a), "invalid_argument", key, key});
  };
  without("repo_path");
  without("target_file");
  without("run_command");
  const std::string top = lab.folder.path.string(), refused = "repository_refused";

  with("wrong type of repo_path", {{"repo_path", 7}}, "repo_path", "7");
  with("repo_path null", {{"repo_path", nullptr}}, "repo_path", "repo_path");
  with("no such folder", {{"repo_path", top + "/none"}}, "repo_path", "none", refused);
  with("not a repository", {{"repo_path", top + "/plain"}}, "repo_path", "git init", refused);
  with("a file", {{"repo_path", top + "/file"}}, "repo_path", "folder", refused);
  with("bare", {{"repo_path", top + "/bare.git"}}, "repo_path", "bare", refused);
  with("without a commit", {{"repo_path", top + "/empty"}}, "repo_path", "commit", refused);
  with("a folder inside",
       {{"repo_path", lab.repository.string() + "/sub"}, {"target_file", "q.txt"}}, "repo_path",
       "inside the repository", refused);
  with("NUL in repo_path", {{"repo_path", std::string("/tmp\0x", 6)}}, "repo_path", "NUL");
  with("long repo_path", {{"repo_path", "/" + std::string(5000, 'a')}}, "repo_path", "4");

  with("traversal", {{"target_file", "../outside/p.txt"}}, "target_file", "..");
  with("traversal inside", {{"target_file", "sub/../p.txt"}}, "target_file", "..");
  with("absolute target", {{"target_file", lab.repository.string() + "/p.txt"}}, "target_file",
       "relative");
  with("git's own file", {{"target_file", ".git/config"}}, "target_file", ".git");
  with("git's own file in capitals", {{"target_file", ".GIT/config"}}, "target_file", ".git");
  with("symlink target", {{"target_file", "link"}}, "target_file", "symbolic link");
  with("target through a symlink", {{"target_file", "away/p.txt"}}, "target_file", "away");
  with("file as a folder", {{"target_file", "p.txt/"}}, "target_file", "means a folder");
  with("pattern of nothing", {{"target_file", "none/**/*.c"}}, "target_file",
       "gives no file tracked in HEAD");
  with("pattern that leads out", {{"target_file", "../**"}}, "target_file", "..");
  with("only an exclusion", {{"target_file", "!sub/**"}}, "target_file", "gives no file");
  with("untracked target", {{"target_file", "untracked.txt"}}, "target_file", "not tracked");
  with("ignored target", {{"target_file", "ignored.txt"}}, "target_file", "not tracked");
  with("missing target", {{"target_file", "no.txt"}}, "target_file", "not tracked");
  with("NUL in target", {{"target_file", std::string("p.txt\0x", 7)}}, "target_file", "NUL");
  with("both targets", {{"target_files", {"p.txt"}}}, "target_files", "both");
  with("empty target list", {{"target_file", ""}, {"target_files", json::array()}}, "target_files",
       "at least one");
  with("target list of numbers", {{"target_file", ""}, {"target_files", {1}}}, "target_files",
       "list of text");
  with("target twice", {{"target_file", ""}, {"target_files", {"p.txt", "p.txt"}}}, "target_files",
       "twice");
  with("protected target", {{"protected_paths", {"p.txt"}}}, "protected_paths", "protected");
  with("protected path outside", {{"protected_paths", {"../x"}}}, "protected_paths", "..");
  with("shared path outside", {{"shared_paths", {"/etc"}}}, "shared_paths", "relative");
  with("shared path missing", {{"shared_paths", {"none"}}}, "shared_paths", "does not exist");
  with("list as protected paths", {{"protected_paths", "p.txt"}}, "protected_paths", "list");

  with("empty command", {{"run_command", ""}}, "run_command", "empty");
  with("empty argv", {{"run_command", json::array()}}, "run_command", "empty");
  with("number as command", {{"run_command", 3}}, "run_command", "3");
  with("command object", {{"run_command", {{"a", 1}}}}, "run_command", "command");
  with("NUL in command", {{"run_command", std::string("ls\0x", 4)}}, "run_command", "NUL");

  with("invalid pattern", {{"metric_pattern", "score: ("}}, "metric_pattern", "metric_pattern");
  with("no group", {{"metric_pattern", "score: .*"}}, "metric_pattern", "group");
  with("two groups", {{"metric_pattern", "(a)(b)"}}, "metric_pattern", "group");
  with("back-reference", {{"metric_pattern", "(a)\\1"}}, "metric_pattern", "metric_pattern");
  with("pattern that explodes", {{"metric_pattern", "((a{1,1000}){1,1000}){1,1000}(x)"}},
       "metric_pattern", "metric_pattern");
  with("long pattern", {{"metric_pattern", "(" + std::string(5000, 'a') + ")"}}, "metric_pattern",
       "4");
  with("json pattern without a pointer", {{"metric_pattern", "json:out.json"}}, "metric_pattern",
       "json:");
  with("json pattern outside", {{"metric_pattern", "json:../out.json#/x"}}, "metric_pattern", "..");
  with("empty metric name", {{"metric_name", ""}}, "metric_name", "metric");
  with("metric name of two lines", {{"metric_name", "a\nb"}}, "metric_name", "line");
  with("bad direction", {{"metric_direction", "maximize"}}, "metric_direction", "higher_is_better");
  with("bad pick", {{"metric_pick", "mean"}}, "metric_pick", "\"last\"");

  with("no iterations", {{"max_iterations", 0}}, "max_iterations", "from 1 to");
  with("negative iterations", {{"max_iterations", -5}}, "max_iterations", "from 1 to");
  with("iterations as text", {{"max_iterations", "5"}}, "max_iterations", "integer");
  with("half an iteration", {{"max_iterations", 1.5}}, "max_iterations", "integer");
  with("huge iterations", {{"max_iterations", 1e18}}, "max_iterations", "from 1 to");
  with("no time", {{"time_budget_s", 0}}, "time_budget_s", "0.001");
  with("negative time", {{"time_budget_s", -1}}, "time_budget_s", "0.001");
  with("endless time", {{"time_budget_s", 1e308}}, "time_budget_s", "604800");
  with("negative total time", {{"total_time_budget_s", -1}}, "total_time_budget_s", "0");
  with("negative sparks", {{"spark_budget", -200}}, "spark_budget", "from 1 to");
  with("no spark an iteration", {{"spark_per_iteration", 0}}, "spark_per_iteration", "from 1 to");
  with("more sparks than there are", {{"spark_budget", 3}}, "spark_per_iteration", "at most");
  with("negative delta", {{"min_delta", -0.1}}, "min_delta", "0");
  with("repeats that cannot be significant", {{"repeats", 2}}, "repeats", "at least 3");
  with("no repeats", {{"repeats", 0}}, "repeats", "from 1 to");
  with("bad significance", {{"significance", 0.9}, {"repeats", 5}}, "significance", "0.5");
  with("text for a boolean", {{"allow_missing_baseline", "yes"}}, "allow_missing_baseline", "true");
  with("negative wait", {{"wait_ms", -1}}, "wait_ms", "from 0 to");

  with("experiment id with a slash", {{"experiment_id", "a/b"}}, "experiment_id", "A-Z");
  with("goal id with a blank", {{"goal_id", "a b"}}, "goal_id", "A-Z");
  with("long experiment id", {{"experiment_id", std::string(129, 'a')}}, "experiment_id", "128");
  with("unknown backend", {{"edit_backend", "mutatee"}}, "edit_backend", "mutate");
  with("backend without a name", {{"edit_backend", {{"seed", 1}}}}, "edit_backend", "name");
  with("backend option unknown", {{"edit_backend", {{"name", "mutate"}, {"sead", 1}}}},
       "edit_backend", "seed");
  with("backend option of the wrong kind", {{"edit_backend", {{"name", "mutate"}, {"seed", "x"}}}},
       "edit_backend", "seed");
  with("script without a file", {{"edit_backend", "script"}}, "edit_backend", "script");
  with("command without a command", {{"edit_backend", "command"}}, "edit_backend", "command");
  with("unknown workspace", {{"workspace", "copy"}}, "workspace", "in_place");
  with("unknown sandbox", {{"sandbox", "full"}}, "sandbox", "strict");
  with("guard without a name", {{"guard_metrics", {{{"pattern", "(x)"}}}}}, "guard_metrics",
       "name");
  with("guard with a bad pattern", {{"guard_metrics", {{{"name", "m"}, {"pattern", "("}}}}},
       "guard_metrics", "m");
  with("guard with a negative share",
       {{"guard_metrics", {{{"name", "m"}, {"max_regression", -1}}}}}, "guard_metrics",
       "max_regression");
  with("guard twice", {{"guard_metrics", {"m", "m"}}}, "guard_metrics", "twice");
  with("gate without a command", {{"gates", {{{"name", "g"}}}}}, "gates", "command");
  with("gate with the name of a built-in one",
       {{"gates", {{{"name", "constitutional"}, {"command", "true"}}}}}, "gates", "taken");
  with("bad variable", {{"environment", {"1A=x"}}}, "environment", "NAME");
  with("constitution that is not there", {{"constitution", top + "/none.json"}}, "constitution",
       "none.json");
  with("unknown argument", {{"metric_nam", "x"}}, "metric_nam", "metric_name");
  with("far unknown argument", {{"zzzzzzzz", "x"}}, "zzzzzzzz", "zzzzzzzz");
  json deep = 1;
  for (int i = 0; i < 200; ++i) deep = json::array({deep});
  with("deep argument", {{"edit_backend", {{"name", "mutate"}, {"seed", deep}}}}, "edit_backend",
       "nested");
  return calls;
}

}  // namespace ratchet::e2e
