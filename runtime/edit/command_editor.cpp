// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "actors/logic/edit_format.hpp"
#include "actors/logic/target_set.hpp"
#include "actors/logic/text.hpp"
#include "runtime/edit/agents.hpp"
#include "runtime/edit/answer_edit.hpp"
#include "runtime/edit/editors.hpp"
#include "runtime/edit/price_table.hpp"
#include "runtime/edit/prompt.hpp"
#include "runtime/edit/prompt_parts.hpp"

namespace ratchet {

namespace {

/// One argument of a program may have 128 KiB on Linux.
constexpr std::size_t max_argument_bytes = 120'000;
constexpr std::size_t max_reply_bytes = 4 * 1024 * 1024;

class reply_sink final : public output_sink {
 public:
  void consume(std::string_view bytes) override {
    auto room = max_reply_bytes - std::min(max_reply_bytes, text.size());
    too_long = too_long || bytes.size() > room;
    text.append(bytes.substr(0, room));
  }
  std::string text;
  bool too_long = false;
};

/// The prompt beside the work tree, so that it is never part of the edit; gone with this object.
class prompt_file {
 public:
  prompt_file() = default;
  prompt_file(const prompt_file&) = delete;
  prompt_file& operator=(const prompt_file&) = delete;
  ~prompt_file() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }

  expected<> write(const std::string& state_directory, const std::string& text) {
    std::string folder = state_directory + "/prompts";
    ::mkdir(state_directory.c_str(), 0700);
    ::mkdir(folder.c_str(), 0700);
    std::string path = folder + "/XXXXXX";
    int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor < 0) return wrong(folder);
    path_ = path;
    for (std::size_t done = 0; done < text.size();) {
      auto n = ::write(descriptor, text.data() + done, text.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        auto failed = wrong(path);
        ::close(descriptor);
        return failed;
      }
      done += static_cast<std::size_t>(n);
    }
    ::close(descriptor);
    return {};
  }

 private:
  static failure wrong(const std::string& path) {
    return fail(errc::workspace_failed, "cannot write the prompt to " + path + ": " +
                                            std::strerror(errno) + "; check the state directory");
  }
  std::string path_;
};

using replacements = std::vector<std::pair<std::string, std::string>>;

/// In one pass, so that what is put in is not looked at again. Unknown braces stay.
std::string filled(const std::string& argument, const replacements& values) {
  std::string out;
  for (std::size_t i = 0; i < argument.size();) {
    auto hit = std::find_if(values.begin(), values.end(), [&](const auto& v) {
      return argument.compare(i, v.first.size(), v.first) == 0;
    });
    if (hit == values.end()) {
      out += argument[i++];
    } else {
      out += hit->second;
      i += hit->first.size();
    }
  }
  return out;
}

bool mentions(const std::vector<std::string>& argv, const char* what) {
  return std::any_of(argv.begin(), argv.end(),
                     [&](const auto& a) { return a.find(what) != std::string::npos; });
}

/// So many are named to a program one by one; its prompt tells the patterns.
constexpr std::size_t most_named_targets = 200;

std::vector<std::string> files_to_name(const edit_context& context) {
  const auto& given = context.settings->target_files;
  const auto known = target_names(given, context.targets);
  std::vector<std::string> names;
  for (const auto& name : given)  // in the user's order
    if (std::find(known.begin(), known.end(), name) != known.end()) names.push_back(name);
  for (const auto& name : known)
    if (names.size() < most_named_targets && !std::count(names.begin(), names.end(), name))
      names.push_back(name);
  return names;
}

std::string excerpt(const std::string& output) {
  auto lines = lines_of(utf8_suffix(output, 2000));
  std::string out;
  for (std::size_t i = lines.size() > 15 ? lines.size() - 15 : 0; i < lines.size(); ++i)
    out += "\n" + std::string(lines[i]);
  return out.empty() ? " It printed nothing." : " It printed last:" + out;
}

class command_editor final : public editor_port {
 public:
  command_editor(const json& options, editor_services services)
      : options_(command_of_agent(options)),
        services_(std::move(services)),
        agent_(find_agent(options.value("preset", ""))),
        model_(options.value("model", "")),
        prices_(options.value("prices", json())) {
    shell_ = options_.value("shell", false);
    if (shell_)
      argv_ = {"/bin/sh", "-c", options_["argv"].get<std::string>()};
    else
      argv_ = options_["argv"].get<std::vector<std::string>>();
    reply_ = options_.value("reply", "work_tree") == "stdout";
    // Without a word about it, the prompt goes where the command asks for it, else to its input.
    mode_ = options_.value("prompt", mentions(argv_, "{prompt}")        ? "argument"
                                     : mentions(argv_, "{prompt_file}") ? "file"
                                                                        : "stdin");
    if (mode_ == "argument" && !mentions(argv_, "{prompt}")) argv_.push_back("{prompt}");
  }

  bool edits_in_place() const override { return true; }
  expected<proposal> propose(const edit_context& context, std::stop_token stop) override try {
    const auto& s = *context.settings;
    auto prompt = edit_prompt(context, {answer(), options_.value("include_targets", reply_)});
    process_request request;
    prompt_file file;
    if (mode_ == "file" || shell_ || mentions(argv_, "{prompt_file}"))
      if (auto written = file.write(services_.state_directory, prompt); !written)
        return written.error();
    if (mode_ == "stdin") request.input = prompt;
    if (mode_ == "argument" && prompt.size() > max_argument_bytes)
      return fail(errc::edit_refused, "the prompt has " + std::to_string(prompt.size()) +
                                          " bytes, too many for an argument; set the command "
                                          "backend's prompt to stdin or file");
    const auto names = files_to_name(context);
    std::string target = names.empty() ? "" : names.front(), targets;
    for (const auto& t : names) targets += (targets.empty() ? "" : " ") + t;
    const std::string iteration = std::to_string(context.iteration);
    if (shell_) {
      request.command.argv = argv_;
    } else {
      replacements values{
          {"{prompt}", prompt},   {"{prompt_file}", file.path()},       {"{target}", target},
          {"{targets}", targets}, {"{session_id}", context.session_id}, {"{iteration}", iteration}};
      for (const auto& a : argv_) {
        // {targets} alone becomes one argument a file, as a program expects its files.
        if (a == "{targets}")
          request.command.argv.insert(request.command.argv.end(), names.begin(), names.end());
        else
          request.command.argv.push_back(filled(a, values));
      }
    }
    request.directory = context.directory;
    request.environment = s.environment;
    for (const auto& e : options_.value("environment", json::array()))
      request.environment.push_back(e.get<std::string>());
    for (const auto& e :
         {"RATCHET_SESSION_ID=" + context.session_id, "RATCHET_ITERATION=" + iteration,
          "RATCHET_TARGET=" + target, "RATCHET_TARGETS=" + targets})
      request.environment.push_back(e);
    if (!file.path().empty()) request.environment.push_back("RATCHET_PROMPT_FILE=" + file.path());
    request.timeout_s = options_.value("timeout_s", 600.0);

    reply_sink sink;
    agent_reader reader(agent_ ? agent_->name : "");
    output_sink* output = &sink;
    if (agent_) output = &reader;
    auto outcome = services_.process->run(request, output, stop);
    if (!outcome) {
      // A program that is not there will not be there for the next iteration either.
      const auto& why = outcome.error();
      if (why.text.find("cannot be executed") == std::string::npos) return why;
      return for_good(fail(errc::edit_refused, "edit backend command: " + why.text));
    }
    if (agent_) return by_agent(context, reader, *outcome, request.timeout_s, prompt.size());
    if (auto wrong = wrong_with(*outcome, request.timeout_s); wrong.code != errc::internal)
      return wrong;
    return taken(context, sink);
  } catch (const std::exception& e) {
    return fail(errc::internal, std::string("the command backend failed: ") + e.what());
  }

 private:
  answer_form answer() const {
    if (!reply_) return answer_form::work_tree;
    auto format = options_.value("format", "auto");
    return format == "diff"    ? answer_form::diff
           : format == "whole" ? answer_form::whole
                               : answer_form::blocks;
  }

  std::string name() const {
    if (shell_) return "the command";
    auto slash = argv_[0].rfind('/');
    return one_line(valid_utf8(slash == std::string::npos ? argv_[0] : argv_[0].substr(slash + 1)),
                    60);
  }

  /// `internal` stands for: nothing is wrong.
  failure wrong_with(const process_outcome& o, double timeout_s) const {
    if (o.cancelled)
      return fail(errc::cancelled, name() + " was cancelled before its edit was done");
    std::string what;
    if (o.timed_out)
      what = "did not end within " + shortest(timeout_s) + " s and was ended; raise timeout_s.";
    else if (o.signal)
      what = "was ended by signal " + std::to_string(*o.signal) + ".";
    else if (o.exit_code != 0)
      what = "ended with exit code " + std::to_string(o.exit_code.value_or(-1)) + ".";
    else
      return {};
    auto wrong = fail(errc::edit_refused, "edit backend command: " + name() + " " + what +
                                              excerpt(valid_utf8(o.output_tail)));
    // What a shell or the launcher say of a program that is not there, or is none.
    const bool absent = o.exit_code && (*o.exit_code == 127 || *o.exit_code == 126);
    return absent ? for_good(wrong) : wrong;
  }

  /// What an agent did in the work tree. What it cost counts, whatever came of it.
  expected<proposal> by_agent(const edit_context& context, agent_reader& reader,
                              const process_outcome& outcome, double timeout_s,
                              std::size_t prompt_bytes) const {
    auto report = reader.finish();
    proposal out;
    out.arm = arm_of(context);
    out.usage = usage_of(report, prompt_bytes, reader.bytes());
    auto wrong = wrong_with(outcome, timeout_s);
    if (wrong.code == errc::cancelled) {
      out.failed = wrong;
      return out;
    }
    const std::string error = one_line(valid_utf8(report.error), 500);
    if (!error.empty())
      out.refused = "edit backend command: " + name() + " failed: " + error;
    else if (wrong.code != errc::internal)
      out.refused = wrong.text;
    out.permanent = wrong.permanent;
    out.changed_in_place = true;
    out.hypothesis = options_.value("hypothesis", hypothesis_line(valid_utf8(report.text)));
    if (out.hypothesis.empty()) out.hypothesis = "edit by " + name();
    out.lesson = lesson_line(valid_utf8(report.text));
    return out;
  }

  edit_usage usage_of(const agent_report& report, std::size_t prompt_bytes,
                      std::size_t bytes_back) const {
    std::string model = one_line(valid_utf8(report.model.empty() ? model_ : report.model), 200);
    auto price = price_of(prices_, model_);
    auto usage = usage_of_call(model.empty() ? name() : model, report.usage, price, prompt_bytes,
                               bytes_back);
    if (report.cost_usd) usage.cost_usd = usage.counted_cost_usd = report.cost_usd;
    return usage;
  }

  expected<proposal> taken(const edit_context& context, const reply_sink& sink) const {
    proposal out;
    out.hypothesis = options_.value("hypothesis", "");
    if (out.hypothesis.empty()) out.hypothesis = hypothesis_line(valid_utf8(sink.text));
    out.arm = arm_of(context);
    out.lesson = lesson_line(valid_utf8(sink.text));
    // Programs that print JSON have no first line fit to read.
    if (out.hypothesis.empty() || out.hypothesis.front() == '{')
      out.hypothesis = "edit by " + name();
    out.hypothesis = one_line(valid_utf8(out.hypothesis));
    if (!reply_) {
      out.changed_in_place = true;
      return out;
    }
    if (sink.too_long)
      return fail(errc::edit_refused, name() + " printed more than 4 MiB; its edit was not read");
    auto format = options_.value("format", "auto");
    auto changes = edit_in_answer(sink.text,
                                  format == "blocks"  ? answer_format::blocks
                                  : format == "diff"  ? answer_format::diff
                                  : format == "whole" ? answer_format::whole
                                                      : answer_format::detect,
                                  context.targets,
                                  target_names(context.settings->target_files, context.targets));
    if (!changes) return changes.error();
    out.changes = std::move(*changes);
    return out;
  }

  json options_;  ///< of the plain command, when a preset was named
  editor_services services_;
  const agent* agent_;
  std::string model_;
  json prices_;
  std::vector<std::string> argv_;
  std::string mode_;
  bool shell_ = false;
  bool reply_ = false;
};

}  // namespace

std::shared_ptr<editor_port> make_command_editor(json options, editor_services services) {
  return std::make_shared<command_editor>(options, std::move(services));
}

}  // namespace ratchet
