// SPDX-License-Identifier: MIT
#include "runtime/edit/call_names.hpp"

#include <set>

namespace ratchet {

std::string last_part(const std::string& dotted) {
  auto dot = dotted.rfind('.');
  return dot == std::string::npos ? dotted : dotted.substr(dot + 1);
}

bool declares_options(const std::string& callee) {
  static const std::set<std::string> known{"add_argument", "option",    "add_option",
                                           "argument",     "Option",    "Argument",
                                           "opt",          "addOption", "arg"};
  return known.count(last_part(callee)) > 0;
}

std::string option_name(std::string text) {
  if (auto at = text.find("--"); at != std::string::npos && at > 0) text = text.substr(at);
  return text.substr(0, text.find_first_of(" =,<["));
}

bool is_no_place_for_settings(const std::string& callee) {
  static const std::set<std::string> known{"print",
                                           "open",
                                           "round",
                                           "sorted",
                                           "range",
                                           "zeros",
                                           "ones",
                                           "full",
                                           "arange",
                                           "linspace",
                                           "logspace",
                                           "normal",
                                           "uniform",
                                           "randint",
                                           "randn",
                                           "rand",
                                           "choice",
                                           "choices",
                                           "shuffle",
                                           "figure",
                                           "subplots",
                                           "subplot",
                                           "dump",
                                           "dumps",
                                           "stringify",
                                           "Popen",
                                           "check_output",
                                           "check_call",
                                           "sleep",
                                           "timeit",
                                           "repeat",
                                           "isclose",
                                           "allclose",
                                           "sum",
                                           "mean",
                                           "std",
                                           "argmax",
                                           "argmin",
                                           "any",
                                           "argsort",
                                           "cat",
                                           "stack",
                                           "concatenate",
                                           "softmax",
                                           "log_softmax",
                                           "read_csv",
                                           "to_csv",
                                           "reshape",
                                           "manual_seed",
                                           "seed",
                                           "Random",
                                           "RandomState",
                                           "default_rng",
                                           "parametrize",
                                           "train_test_split",
                                           "cross_val_score",
                                           "KFold",
                                           "StratifiedKFold",
                                           "ShuffleSplit",
                                           "enumerate",
                                           "pow",
                                           "split",
                                           "Normalize",
                                           "approx",
                                           "accuracy_score",
                                           "f1_score",
                                           "log_loss",
                                           "Timer",
                                           "namedtuple",
                                           "Resize",
                                           "RandomCrop",
                                           "CenterCrop",
                                           "permutation",
                                           "integers",
                                           "standard_normal",
                                           "eye",
                                           "tril",
                                           "triu"};
  auto name = last_part(callee);
  for (const char* start : {"make_", "load_", "assert", "EXPECT", "ASSERT", "test_"})
    if (name.starts_with(start)) return true;
  for (const char* start : {"random.", "plt.", "np.random", "subprocess.", "time."})
    if (callee.starts_with(start)) return true;
  return known.count(name) > 0;
}

}  // namespace ratchet
