// SPDX-License-Identifier: MIT
#include "runtime/http/metrics.hpp"

#include "actors/logic/text.hpp"
#include "runtime/embed/stored_sessions.hpp"

namespace ratchet::http {

namespace {

std::string escaped(const std::string& label) {
  std::string out;
  for (char c : valid_utf8(label)) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

class metrics_writer {
 public:
  void family(const std::string& name, const char* type, const char* help) {
    name_ = name;
    text_ += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
  }
  void sample(const std::string& labels, const json& value) {
    text_ += name_ + (labels.empty() ? "" : "{" + labels + "}") + " " + to_text(value) + "\n";
  }
  std::string take() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

std::string label(const char* name, const std::string& value) {
  return std::string(name) + "=\"" + escaped(value) + "\"";
}

void write_sessions(metrics_writer& w, sessions_port& sessions) {
  w.family("ratchet_sessions", "gauge", "Sessions by status.");
  if (auto counts = sessions.sessions_by_status())
    for (const auto& [status, count] : *counts) w.sample(label("status", status), count);
  auto open = open_sessions(sessions);
  if (!open) return;
  w.family("ratchet_session_iteration", "gauge", "Iteration that an open session is at.");
  for (const auto& p : *open) w.sample(label("session_id", p.session_id), p.iteration);
  w.family("ratchet_session_best_metric", "gauge", "Best metric of an open session.");
  for (const auto& p : *open)
    if (p.best_metric)
      w.sample(label("session_id", p.session_id) + "," + label("metric", p.metric_name),
               *p.best_metric);
  w.family("ratchet_session_sparks", "gauge", "Sparks that an open session has spent.");
  for (const auto& p : *open) w.sample(label("session_id", p.session_id), p.spark_consumed);
}

void write_tools(metrics_writer& w, benchmarks_port& benchmarks) {
  auto scores = benchmarks.tool_scores();
  if (!scores) return;
  auto labels = [](const tool_score& s) {
    return label("task_type", s.task_type) + "," + label("tool", s.tool_name);
  };
  w.family("ratchet_tool_runs_total", "counter", "Runs by task type and edit backend.");
  for (const auto& s : *scores) w.sample(labels(s), s.sample_count);
  w.family("ratchet_tool_success_ratio", "gauge", "Share of those runs that gave a metric.");
  for (const auto& s : *scores) w.sample(labels(s), s.success_rate);
}

void write_machines(metrics_writer& w, const worker_list& machines) {
  auto each = [&](const char* name, const char* type, const char* help, auto value) {
    w.family(name, type, help);
    for (const auto& m : machines.workers)
      w.sample(
          label("name", m.machine.name) + "," + label("role", m.worker_id == 0 ? "node" : "worker"),
          value(m));
  };
  each("ratchet_slots", "gauge", "Experiments that a machine runs at once.",
       [](const worker_row& m) { return m.slots; });
  each("ratchet_slots_busy", "gauge", "Experiments that a machine runs now.",
       [](const worker_row& m) { return m.busy; });
  each("ratchet_worker_failures", "gauge", "Runs in a row that a machine could not make.",
       [](const worker_row& m) { return m.failures; });
  // Always there for any machine, so that an autoscaler need not tell 0 from nothing.
  std::map<std::string, waiting_runs> queues{{"", {}}};
  for (const auto& q : machines.waiting) {
    std::string wanted;
    for (const auto& r : q.requirements) wanted += (wanted.empty() ? "" : ",") + r;
    queues[wanted] = q;
  }
  w.family("ratchet_runs_waiting", "gauge", "Runs that wait for a slot, by what they require.");
  for (const auto& [requirements, q] : queues)
    w.sample(label("requirements", requirements), q.runs);
  w.family("ratchet_oldest_wait_seconds", "gauge", "How long the first of them has waited.");
  for (const auto& [requirements, q] : queues)
    w.sample(label("requirements", requirements), q.oldest_s);
}

}  // namespace

std::string metrics_text(whole_store& store, const served_counts& served,
                         const std::string& version, const worker_list* machines) {
  metrics_writer w;
  w.family("ratchet_build_info", "gauge", "The version that serves this.");
  w.sample(label("version", version), 1);
  write_sessions(w, store);
  w.family("ratchet_events_total", "counter", "Events by topic since this server began.");
  for (const auto& [topic, count] : served.events) w.sample(label("topic", topic), count);
  if (auto last = store.last_seq()) {
    w.family("ratchet_event_seq", "counter", "Number of the newest event.");
    w.sample("", *last);
  }
  w.family("ratchet_event_readers", "gauge", "Clients that read /v1/events now.");
  w.sample("", served.event_readers);
  w.family("ratchet_mcp_sessions", "gauge", "Sessions of MCP clients over HTTP.");
  w.sample("", served.mcp_sessions);
  write_tools(w, store);
  if (machines) write_machines(w, *machines);
  return w.take();
}

}  // namespace ratchet::http
