// SPDX-License-Identifier: MIT
#include "runtime/edit/setting_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <initializer_list>
#include <set>

namespace ratchet {

namespace {

using words = std::vector<std::string>;

bool among(const std::string& word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool any_among(const words& name, std::initializer_list<std::string_view> list) {
  return std::any_of(name.begin(), name.end(), [&](const auto& w) { return among(w, list); });
}

/// Words that make a limit of what follows: max_requests is a setting, requests is the workload.
bool bounded(const words& name) {
  return any_among(name, {"max", "maximum", "min", "minimum", "limit", "per", "batch", "buffer",
                          "pool", "queue", "cache", "cached", "chunk", "block", "concurrent",
                          "parallel", "pending", "inflight", "retry"});
}

bool is_repetition(const std::string& w) {
  return among(
      w, {"iterations", "iteration",   "iters", "iter",  "niter",  "reps",   "rep",   "repeat",
          "repeats",    "repetitions", "loops", "runs",  "rounds", "trials", "nruns", "nreps",
          "niters",     "nloops",      "loop",  "times", "laps",   "passes"});
}

bool is_progress(const std::string& w) {
  return among(w, {"steps", "epochs", "epoch", "nsteps", "nepochs", "generations", "updates"});
}

bool is_amount(const std::string& w) {
  return among(w, {"samples",   "nsamples",    "rows",         "nrows",   "records",   "requests",
                   "queries",   "ops",         "operations",   "keys",    "nkeys",     "items",
                   "users",     "events",      "messages",     "points",  "npoints",   "tests",
                   "cases",     "elements",    "particles",    "bodies",  "frames",    "images",
                   "documents", "docs",        "transactions", "lookups", "accesses",  "inserts",
                   "calls",     "ticks",       "lines",        "objects", "customers", "orders",
                   "keyspace",  "universe",    "workload",     "amount",  "numbers",   "entities",
                   "vertices",  "edges",       "cols",         "columns", "tasks",     "clients",
                   "inputs",    "subscribers", "changes",      "sample",  "round",     "problems",
                   "count",     "total"});
}

bool is_data_size(const words& name) {
  static const std::set<std::string> sized{"size",  "len",    "length", "dim", "dims",
                                           "width", "height", "bytes",  "side"};
  const auto& last = name.back();
  if (name.size() == 1)
    return among(last, {"size", "dataset", "resolution", "dim", "dims", "ndim", "length", "len"});
  if (!sized.count(last)) return false;
  return any_among(
      name, {"data",       "dataset", "input",   "output",      "in",       "out",     "image",
             "img",        "problem", "matrix",  "array",       "sample",   "samples", "vocab",
             "vocabulary", "grid",    "board",   "world",       "universe", "key",     "value",
             "item",       "record",  "payload", "file",        "working",  "feature", "features",
             "class",      "action",  "obs",     "observation", "state",    "text",    "corpus",
             "screen",     "frame",   "map",     "test",        "train"});
}

std::string workload(const words& name, const name_context& c) {
  const auto& last = name.back();
  constexpr const char* why = "the size of the workload";
  // row_count is rows; thread_count is threads, a setting.
  if (name.size() > 1 && among(last, {"count", "total", "num"})) {
    words rest(name.begin(), name.end() - 1);
    if (rest.back().back() != 's') rest.back() += 's';
    return workload(rest, c);
  }
  if (name.size() == 1 && among(last, {"n", "nn", "num", "nx", "ny", "nz"})) return why;
  if (name.size() == 1 && c.has_n && among(last, {"m", "k"})) return why;
  bool steps = is_progress(last) || is_repetition(last);
  if (steps &&
      any_among(name, {"warmup", "warm", "decay", "accumulation", "accum", "patience", "restart",
                       "unroll"}) &&
      c.training)
    return "";
  if (steps && is_progress(last) && any_among(name, {"unroll", "per"})) return "";
  if (steps && c.training && !measures_speed(c.metric_name)) return "";
  if (steps) return why;
  if (last == "warmup" && !c.training) return why;
  if (is_data_size(name) && !bounded(name)) return why;
  if (c.has_width && name.size() == 1 && among(last, {"width", "height"})) return why;
  if (any_among(name, {"classes", "labels", "categories", "nclasses"}) && !bounded(name))
    return "the shape of the data";
  if (any_among(name, {"vocab", "dataset", "corpus"}) && !bounded(name))
    return "the shape of the data";
  if (among(last, {"features", "channels", "nfeatures"}) &&
      any_among(name, {"num", "n", "in", "input", "out", "output"}))
    return "the shape of the data";
  if (is_amount(last) && !bounded(name)) return why;
  if (among(last, {"duration", "seconds", "runtime"}) && name.size() == 1) return why;
  if (last == "duration" &&
      any_among(name, {"bench", "benchmark", "test", "run", "load", "simulation", "sim"}))
    return why;
  return "";
}

std::string identity(const words& name, const number_form& form, const name_context& c) {
  const auto& last = name.back();
  if (any_among(name, {"seed", "seeds", "rng", "prng", "randomseed", "nonce", "srand"}) ||
      last == "random")
    return "a seed";
  if (last == "state" && name.size() > 1 && name[name.size() - 2] == "random") return "a seed";
  if (any_among(name, {"port", "ports"})) return "a port";
  if (any_among(c.parents, {"ports", "port"})) return "a port";
  if (any_among(name,
                {"version", "versions", "ver", "revision", "rev", "abi", "standard", "edition"}) ||
      among(last, {"major", "minor", "patch", "schema", "protocol", "api", "manifest", "release"}))
    return "a version";
  if (any_among(c.parents, {"version", "versions", "engines"})) return "a version";
  if (any_among(name, {"year", "date", "month", "day", "birthday", "copyright", "since",
                       "timestamp", "created", "updated"}))
    return "a date";
  if (!form.real && form.value >= 1980 && form.value <= 2039 && std::fmod(form.value, 50) != 0 &&
      std::fmod(form.value, 16) != 0)
    return "it reads like a year";
  if (any_among(name, {"errno", "exitcode", "statuscode", "http", "err", "errcode", "signal",
                       "sigint", "sigterm"}) &&
      !any_among(name, {"timeout", "max", "min", "workers", "threads", "retries", "pool", "cache",
                        "keepalive", "limit"}))
    return "a status code";
  if (among(last, {"code", "codes", "status", "ok", "success", "failure", "forbidden",
                   "unavailable", "unauthorized"}) ||
      (last == "found" && name.size() > 1) || name.front() == "exit")
    return "a status code";
  if (among(last, {"id", "ids", "uid", "gid", "pid", "uuid", "device", "index", "idx", "ordinal",
                   "opcode", "type", "kind", "tag", "channel", "number", "fd", "gpu"}))
    return "an identifier";
  if (any_among(name,
                {"magic", "crc", "polynomial", "poly", "fnv", "salt", "mask", "prime", "checksum"}))
    return "a constant of a hash or format";
  if (among(last, {"shift", "shifts", "hash", "basis", "offset"}) &&
      (any_among(name, {"hash", "mix", "murmur", "xx", "bit", "byte", "header", "field"}) ||
       name.size() == 1))
    return "a constant of a hash or format";
  if (any_among(name, {"password", "passwd", "secret", "credential", "credentials"}))
    return "a secret";
  return "";
}

std::string measurement(const words& name, const name_context& c) {
  const auto& last = name.back();
  const auto& first = name.front();
  if (among(first, {"eval", "evaluation", "val", "valid", "validation", "test", "testing", "bench",
                    "benchmark", "measure", "measurement", "holdout", "heldout"}) ||
      among(last, {"eval", "folds", "nfolds", "cv", "holdout"}) ||
      (among(last, {"splits", "split"}) && !bounded(name)))
    return "how it is measured";
  if (among(last, {"ratio", "frac", "fraction", "size", "portion"}) &&
      any_among(name, {"train", "test", "val", "split", "holdout"}))
    return "how it is measured";
  if (c.code &&
      any_among(name, {"target", "optimum", "optimal", "ideal", "goal", "expected", "truth",
                       "reference", "baseline", "golden", "correct", "answer"}) &&
      !(c.training && any_among(name, {"update", "interval", "tau", "entropy", "kl", "network"})))
    return "what is aimed at";
  if (any_among(name, {"mean", "std", "means", "stds", "stddev", "sigma_data", "mu_data"}) &&
      !any_among(name, {"init", "noise", "filter", "shift", "field"}))
    return "a statistic of the data";
  if (!c.code) return "";
  if (!c.metric_name.empty() && name == words_of_name(c.metric_name)) return "the result itself";
  if (any_among(name, {"max", "min", "weight", "coef", "scale", "factor", "tolerance", "limit",
                       "cost_per", "threshold", "clip", "rate"}))
    return "";
  if (among(last, {"score", "loss", "accuracy", "acc", "result", "results", "reward", "metric",
                   "elapsed", "answer", "best", "fitness", "objective", "cost", "hits", "misses",
                   "correct", "errors", "sum"}) ||
      (first == "best" && name.size() > 1))
    return "a result";
  return "";
}

std::string surroundings(const words& name, const number_form& form, const name_context& c) {
  const auto& last = name.back();
  if (any_among(name,
                {"verbose",  "verbosity", "debug",   "trace",    "tracing",    "quiet", "dry",
                 "progress", "plot",      "plots",   "figsize",  "dpi",        "print", "log",
                 "logging",  "colour",    "color",   "indent",   "checkpoint", "save",  "wandb",
                 "report",   "dump",      "profile", "profiling"}) &&
      (c.boolean ||
       any_among(name, {"interval", "every", "freq", "frequency", "level", "steps", "period",
                        "iters", "precision", "dpi", "indent"}) ||
       name.size() == 1))
    return "only what is told";
  if (c.boolean && any_among(name, {"ssl",       "tls",      "auth",           "secure",
                                    "verify",    "security", "authentication", "encryption",
                                    "encrypted", "insecure", "strict",         "csrf",
                                    "cors",      "readonly", "deterministic",  "enforce",
                                    "validate",  "check",    "checks",         "fsync",
                                    "sync",      "safe",     "tests",          "assertions"}))
    return "a switch for safety or correctness";
  static const std::set<std::string> unit{"kb",        "mb",      "gb",
                                          "kib",       "mib",     "gib",
                                          "kilo",      "mega",    "giga",
                                          "ms",        "us",      "ns",
                                          "sec",       "msec",    "usec",
                                          "nsec",      "millis",  "micros",
                                          "nanos",     "minute",  "hour",
                                          "week",      "million", "billion",
                                          "thousand",  "pi",      "tau",
                                          "euler",     "gravity", "avogadro",
                                          "boltzmann", "planck",  "speed_of_light"};
  if (name.size() == 1 && unit.count(last)) return "a unit or a constant of nature";
  if (name.size() > 2 && any_among(name, {"per"})) {
    auto per = std::find(name.begin(), name.end(), "per");
    double v = std::fabs(form.value);
    for (double known : {7.0, 12.0, 24.0, 60.0, 365.0, 1000.0, 1024.0, 3600.0, 86400.0, 1e6, 1e9})
      if (v == known && per != name.begin() && per + 1 != name.end()) {
        static const std::set<std::string> measures{
            "ms",           "us",          "ns",      "s",           "sec",
            "secs",         "second",      "seconds", "millisecond", "milliseconds",
            "microseconds", "nanoseconds", "minute",  "minutes",     "hour",
            "hours",        "day",         "days",    "week",        "kb",
            "mb",           "gb",          "byte",    "bytes",       "bits",
            "msec",         "usec"};
        if (measures.count(*(per - 1)) && measures.count(*(per + 1)))
          return "a unit or a constant of nature";
      }
  }
  if (!c.boolean) {
    double v = std::fabs(form.value);
    for (double known : {3.14, 3.1416, 2.718, 2.71828, 9.81, 9.8, 9.80665, 6.28, 6.2832, 1.618})
      if (form.real && v == known && form.significant > 2) return "a unit or a constant of nature";
    if (form.real && form.significant >= 8) return "a unit or a constant of nature";
    if (!form.real && form.significant >= 8 && std::fmod(v, 1000) != 0 &&
        std::exp2(std::round(std::log2(std::max(v, 1.0)))) != v)
      return "a constant of a hash or format";
  }
  if (c.call_keyword) {
    if (any_among(name, {"timeout"})) return "the time-out of a call";
    if (name.size() == 1 &&
        among(last,
              {"dim",     "axis",       "axes",       "ndim",     "ndigits",  "decimals",  "digits",
               "size",    "shape",      "num",        "low",      "high",     "loc",       "start",
               "stop",    "end",        "step",       "base",     "maxsplit", "buffering", "width",
               "height",  "nargs",      "stacklevel", "maxlen",   "prec",     "precision", "ndmin",
               "stride",  "strides",    "padding",    "dilation", "groups",   "row",       "column",
               "rowspan", "columnspan", "sep",        "count",    "length",   "bins",      "dtype",
               "min",     "max",        "fill",       "value",    "weight",   "x",         "y",
               "z"}))
      return "the shape of a call";
    if (name.size() == 2 &&
        (among(name[0], {"kernel", "in", "out", "output"}) || name[1] == "padding") &&
        among(last, {"size", "features", "channels", "padding", "dim"}))
      return "the shape of a call";
  } else if (c.code && name.size() == 2 && name[0] == "kernel" && last == "size") {
    return "the shape of a call";
  }
  if (name.size() == 1 && among(last, {"i", "j"})) return "a counter";
  return "";
}

}  // namespace

std::vector<std::string> words_of_name(std::string_view name) {
  words out;
  std::string word;
  auto flush = [&] {
    if (!word.empty()) out.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    auto c = static_cast<unsigned char>(name[i]);
    if (!std::isalnum(c) && c < 0x80) {
      flush();
      continue;
    }
    auto lower = [&](std::size_t k) {
      return k < name.size() && std::islower(static_cast<unsigned char>(name[k])) != 0;
    };
    bool upper = std::isupper(c) != 0;
    // idleTimeout, HTTPPort, kBlock
    if (upper && i > 0 &&
        (lower(i - 1) || (lower(i + 1) && std::isalnum(static_cast<unsigned char>(name[i - 1])))))
      flush();
    word += static_cast<char>(std::tolower(c));
  }
  flush();
  // A constant's k, a member's m.
  if (out.size() > 1 && (out[0] == "k" || out[0] == "m")) out.erase(out.begin());
  for (auto& w : out)
    while (w.size() > 1 && std::isdigit(static_cast<unsigned char>(w.back()))) w.pop_back();
  return out;
}

bool measures_speed(std::string_view metric_name) {
  const auto name = words_of_name(metric_name);
  return any_among(name, {"time",    "seconds",   "second",  "sec",          "secs",  "ms",
                          "us",      "ns",        "latency", "throughput",   "ops",   "qps",
                          "rps",     "wall",      "cpu",     "rss",          "cost",  "speed",
                          "elapsed", "duration",  "cycles",  "instructions", "s",     "mbps",
                          "gflops",  "bandwidth", "runtime", "millis",       "nanos", "p50",
                          "p95",     "p99",       "hz"}) ||
         metric_name.starts_with('@');
}

std::string name_objection(std::string_view name, const number_form& form,
                           const name_context& context) {
  auto parts = words_of_name(name);
  if (parts.empty()) return "";
  if (context.code && std::isupper(static_cast<unsigned char>(name.front())) &&
      name.find('-') != std::string_view::npos)
    return "a header of a protocol";  // Retry-After
  // `cache: {size: 100}` is the size of the cache.
  if (!context.code && parts.size() == 1 && !context.parents.empty()) {
    auto above = words_of_name(context.parents.back());
    parts.insert(parts.begin(), above.begin(), above.end());
  }
  if (auto why = identity(parts, form, context); !why.empty()) return why;
  if (auto why = measurement(parts, context); !why.empty()) return why;
  if (!context.boolean)
    if (auto why = workload(parts, context); !why.empty()) return why;
  return surroundings(parts, form, context);
}

}  // namespace ratchet
