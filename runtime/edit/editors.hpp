// SPDX-License-Identifier: MIT
//
// The edit backends: who writes the next edit. A session names one in `edit_backend`, with options
// of its own; check_backend_choice refuses what a backend would not understand before anything
// runs.
//
//   host     edits come with the calls of autoresearch_edit
//   mutate   seeded change of the targets' settings (parameters.hpp, mutation_search.hpp)
//            seed 1 · only_annotated · parameters [{file, match, range, choices, log, step}]
//   llm      a model over HTTP: OpenAI's chat completions or Anthropic's messages (llm_options.hpp
//            lists the options)
//   command  any program that edits the work tree or prints an edit (command_editor.cpp)
//            preset claude|codex|gemini|opencode|aider · model · arguments · prices (agents.hpp)
//            or argv, with shell true one text · prompt argument|stdin|file · reply
//            work_tree|stdout · format auto|blocks|diff|whole · timeout_s 600 · environment ·
//            hypothesis
//   script   edits from a JSON Lines file: path
//   recipes  replays what won in other sessions of this store, then what peers have shared: limit
//            200 · received true. A peer's recipe is a claim: it is run and judged like any edit
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/ports/benchmarks_port.hpp"
#include "actors/ports/editor_port.hpp"
#include "actors/ports/federation_port.hpp"
#include "actors/ports/process_port.hpp"
#include "actors/ports/recipes_port.hpp"

namespace ratchet {

/// What the backends may use. The ports outlive the editors; a backend whose port is null refuses.
struct editor_services {
  process_port* process = nullptr;
  benchmarks_port* benchmarks = nullptr;  ///< null: none is chosen by benchmark
  recipes_port* recipes = nullptr;
  std::string state_directory;            ///< absolute; prompts are written to `prompts/` in it
  federation_port* federation = nullptr;  ///< null: no peers
};

/// In the order in which they are offered.
std::vector<std::string> backend_names();

/// `invalid_argument` with the nearest known name, where there is no such backend.
expected<> check_backend_name(const std::string& name);

/// `invalid_argument`, naming the backend or option and the nearest known one or the range.
expected<> check_backend_choice(const edit_backend_choice& choice,
                                const session_settings& settings);

/// The same checks, then the editor. Editors keep nothing between proposals but what
/// `proposal.state` carries, so that any process may continue a session; propose() may be called
/// for several sessions at once.
expected<std::shared_ptr<editor_port>> make_editor(const edit_backend_choice& choice,
                                                   const editor_services& services);

// The single backends, for make_editor and the tests; the options have been checked.
std::shared_ptr<editor_port> make_host_editor();
std::shared_ptr<editor_port> make_mutate_editor(json options);
std::shared_ptr<editor_port> make_llm_editor(const json& options, benchmarks_port* benchmarks);
std::shared_ptr<editor_port> make_command_editor(json options, editor_services services);
std::shared_ptr<editor_port> make_script_editor(json options);
std::shared_ptr<editor_port> make_recipes_editor(json options, recipes_port& kept,
                                                 federation_port* federation);

}  // namespace ratchet
