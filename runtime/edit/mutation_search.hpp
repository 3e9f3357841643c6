// SPDX-License-Identifier: MIT
//
// The search of the mutate backend: which literals to change next, and to what. Moves are made at
// several scales (local steps, jumps, several literals together, towards earlier gains), literals
// and moves are drawn by what they have brought so far, and of many drawn candidates the one is
// taken that a model of the evaluated ones promises most of. Deterministic in `random`.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/edit/parameters.hpp"
#include "runtime/edit/random.hpp"
#include "runtime/edit/search_memory.hpp"
#include "runtime/edit/surrogate.hpp"

namespace ratchet {

struct mutation {
  std::string move;            ///< "local step", "jump", "joint step", "towards earlier gains"…
  std::vector<double> values;  ///< one a parameter, in its domain
  std::vector<std::string> texts;
};

class mutation_search {
 public:
  /// `fresh` answers whether these texts have not been tried; it is asked for few candidates.
  mutation_search(const std::vector<parameter>& parameters, search_memory& memory,
                  random_source random, std::function<bool(const std::vector<std::string>&)> fresh);

  /// Nothing when every combination of values has been tried.
  std::optional<mutation> next();

  /// The values as they are in the files.
  const std::vector<double>& current() const { return current_; }

 private:
  using place = std::vector<double>;
  struct draft {
    std::string move;
    place values;
    double promise = 0;
  };

  std::string draw_move();
  std::size_t draw_literal();
  std::optional<draft> draw();
  void step(place& values, std::size_t i);
  void jump(place& values, std::size_t i);
  double reach(std::size_t i) const;
  bool follow_gains(place& values);
  bool cross(place& values);
  void rank(std::vector<draft>& drafts);
  std::vector<double> units(const place& values) const;
  bool differs(const place& values) const;
  std::vector<std::string> texts_of(const place& values) const;
  std::optional<mutation> accept(const draft& d);
  std::optional<mutation> enumerate();

  const std::vector<parameter>& parameters_;
  search_memory& memory_;
  random_source random_;
  std::function<bool(const std::vector<std::string>&)> fresh_;
  place current_;
  // The memory by parameter and not by key: looked up once, used for each of many drafts.
  place origin_;
  std::vector<literal_credit*> credit_;
  std::vector<place> evaluated_;
  std::vector<std::size_t> sorted_;  ///< those of `evaluated_` with a loss, the best first
};

}  // namespace ratchet
