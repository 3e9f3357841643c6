#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# recipes_test.sh BUILD_DIR COMPILER [FLAG...]: the recipes of .github/CONTRIBUTING.md are whole. In
# a copy of the sources a setting, a tool and a backend are added in the files that their recipes
# name and in no others; then they must be there for everybody: in the schema, the help, the checks,
# a call's message, and the actors must compile with them.
#
# Only what the additions touch is compiled, and linked with the libraries of the build. The setting
# is the last member of session_settings, so that these agree with it on all the others.
set -euo pipefail
root=$(readlink -f "$(dirname "$0")/../..")
build=$1
compile=("${@:2}" -std=c++20 -O0 -w)
if command -v ccache >/dev/null; then compile=(ccache "${compile[@]}"); fi
tree=$(readlink -f "$(mktemp -d)")
trap 'rm -rf "$tree"' EXIT
cp -r "$root"/{messages,actors,runtime} "$tree"
cd "$tree"

# before FILE LINE TEXT: adds TEXT before the one line of FILE that contains LINE.
before() {
  if [ "$(grep -cF -- "$2" "$1")" -ne 1 ]; then
    echo "$1 has not exactly one line with: $2"
    exit 1
  fi
  LINE=$2 TEXT=$3 awk 'index($0, ENVIRON["LINE"]) { print ENVIRON["TEXT"] } { print }' "$1" >new
  mv new "$1"
}

# -- a setting ------------------------------------------------------------------------------------
before messages/settings.hpp '  metric_rule metric() const {' '  int lucky_number = 7;'
before messages/settings.hpp 'return field_list{field{"repo_path"' \
  '    constexpr field lucky{"lucky_number", &s::lucky_number};'
sed -i 's/return field_list{field{"repo_path"/return field_list{lucky, field{"repo_path"/' \
  messages/settings.hpp
before runtime/tools/setting_rows.cpp 'row("explore_epsilon"' \
  '      row("lucky_number", &s::lucky_number, between(1, 49),
          "A number that brings luck, {range}.",
          {"--lucky-number", "N", help_group::session, "brings luck (default {default})"}),'

# -- a tool ---------------------------------------------------------------------------------------
before messages/jobs.hpp 'struct best_tool_query {' \
  'struct count_stars {
  std::string sky;
  static constexpr auto fields() { return field_list{field{"sky", &count_stars::sky}}; }
};
struct stars_counted {
  int stars = 0;
  static constexpr auto fields() { return field_list{field{"stars", &stars_counted::stars}}; }
};'
before messages/type_ids.hpp '  X(best_tool_query) \' '  X(count_stars) \
  X(stars_counted) \'
before messages/json_fields.cpp 'RATCHET_JSON(best_tool_query)' 'RATCHET_JSON(count_stars)
RATCHET_JSON(stars_counted)'
before messages/actors.hpp '// get_hive_best_tool' '    asks<count_stars, stars_counted>,'
sed -i 's/list_sessions, best_tool_query,/list_sessions, best_tool_query, count_stars,/' \
  runtime/tools/tools.hpp
before runtime/tools/tools.cpp '/// A tool whose calls become this message' \
  'expected<count_stars> read_stars(const json& arguments) {
  return count_stars{arguments.at("sky").get<std::string>()};
}
'
before runtime/tools/tools.cpp 'tool_of<best_tool_query, best_tool_answer' \
  '      tool_of<count_stars, stars_counted, read_stars>(
          {.name = "count_stars",
           .title = "Count the stars",
           .description = "Counts the stars of a sky.",
           .arguments = {{.name = "sky", .description = "Which sky.", .required = true}},
           .read_only = true}),'
# whoever serves it
before actors/session_registry.cpp '[self](const best_tool_query& m)' \
  '      [](const count_stars&) { return stars_counted{7}; },'

# -- a backend ------------------------------------------------------------------------------------
cat >runtime/edit/oracle_editor.cpp <<'END'
#include "runtime/edit/editors.hpp"

namespace ratchet {

namespace {

class oracle_editor final : public editor_port {
 public:
  expected<proposal> propose(const edit_context&, std::stop_token) override {
    return proposal{.hypothesis = "it is written"};
  }
};

}  // namespace

std::shared_ptr<editor_port> make_oracle_editor() { return std::make_shared<oracle_editor>(); }

}  // namespace ratchet
END
before runtime/edit/editors.hpp 'std::shared_ptr<editor_port> make_host_editor();' \
  'std::shared_ptr<editor_port> make_oracle_editor();'
before runtime/edit/editors.cpp '{.name = "recipes",' \
  '    {.name = "oracle",
     .check = [](const json& o, const session_settings&) { return unknown_option(o, {}); },
     .make = [](const json&, const editor_services&) -> made_editor {
       return make_oracle_editor();
     }},'

# -- they are there -------------------------------------------------------------------------------
cat >asked.cpp <<'END'
#include <iostream>

#include "runtime/cli/run_options.hpp"
#include "runtime/edit/editors.hpp"
#include "runtime/tools/config.hpp"
#include "runtime/tools/tools.hpp"

using namespace ratchet;

namespace {

int failed = 0;

void check(const char* what, bool holds) {
  if (holds) return;
  std::cout << "not so: " << what << '\n';
  ++failed;
}

json setup_with(const char* key, json value) {
  return {{"repo_path", "/r"}, {"target_file", "a"}, {"run_command", "c"}, {key, std::move(value)}};
}

void ask_setting() {
  const json options = input_schema(*find_tool("autoresearch_setup"))["properties"]["options"];
  check("its schema says what it is",
        options["description"].get<std::string>().find("lucky_number: brings luck (default 7)") !=
            std::string::npos);
  CLI::App run;
  cli::run_flags flags;
  cli::add_run_options(run, flags);
  const std::string help = run.help();
  check("run --help has its flag", help.find("--lucky-number N") != std::string::npos);
  check("and its default", help.find("brings luck (default 7)") != std::string::npos);
  run.parse("--lucky-number 13");
  json said = json::object();
  check("its flag is read", cli::flag_settings(flags, said) && said == json{{"lucky_number", 13}});
  auto from_variable = load_setup_arguments(json::object(), "/nonexistent",
                                            {{"RATCHET_LUCKY_NUMBER", "21"}});
  check("its variable is read", from_variable && (*from_variable)["lucky_number"] == 21);

  auto accepted = decode_call("autoresearch_setup", setup_with("lucky_number", 13));
  check("it is accepted", accepted.has_value());
  const session_settings& settings = *std::get<setup_session>(accepted->message).settings;
  check("it reaches the member", settings.lucky_number == 13);
  check("and is stored", json(settings)["lucky_number"] == 13);
  auto refused = decode_call("autoresearch_setup", setup_with("lucky_number", 50));
  check("its limits hold", !refused && refused.error().text.find("from 1 to 49") != std::string::npos);
}

void ask_tool() {
  const tool* t = find_tool("count_stars");
  check("the table has the tool", t != nullptr);
  check("its answer has a schema",
        output_schema(*t)["properties"]["stars"] == json{{"type", "integer"}});
  auto call = decode_call("count_stars", {{"sky", "north"}});
  check("a call becomes its message",
        call && std::get<count_stars>(call->message).sky == "north");
  check("its arguments are checked", !decode_call("count_stars", json::object()));
}

void ask_backend() {
  check("the backend is offered", check_backend_name("oracle").has_value());
  check("setup takes it", decode_call("autoresearch_setup", setup_with("edit_backend", "oracle"))
                              .has_value());
  check("its options are checked", !check_backend_choice({"oracle", {{"x", 1}}}, {}));
  auto editor = make_editor({"oracle", json::object()}, {});
  check("it is made", editor && (*editor)->propose({}, {})->hypothesis == "it is written");
}

}  // namespace

int main() {
  ask_setting();
  ask_tool();
  ask_backend();
  return failed;
}
END
for file in asked.cpp runtime/cli/run_options.cpp runtime/cli/run_flags.cpp \
  runtime/edit/{editors,backend_options,oracle_editor}.cpp; do
  echo "#include \"$file\""
done >asking.cpp
for file in runtime/tools/*.cpp; do echo "#include \"$file\""; done >tools.cpp
printf '#include "%s"\n' runtime/embed/tool_client.cpp actors/session_registry.cpp >serving.cpp

{
  "${compile[@]}" -I. -c asking.cpp -o asking.o
  "${compile[@]}" -I. -c messages/json_fields.cpp -o json_fields.o
} &
first=$!
"${compile[@]}" -I. -c tools.cpp -o tools.o
"${compile[@]}" -I. -c serving.cpp -o serving.o
wait "$first"
# What other backends need is not linked: nobody asks them.
"${compile[@]}" asking.o tools.o json_fields.o -o asked -no-pie \
  "$build/actors/libratchet_logic.a" "$build/messages/libratchet_messages.a" -lre2 -pthread \
  -Wl,--unresolved-symbols=ignore-all
./asked
