// SPDX-License-Identifier: MIT
#include "runtime/git/tree_knowledge.hpp"

#include <utility>

namespace ratchet::git {

namespace {

/// Of the time that passes, at most one part in so many goes into looking at the work tree.
constexpr int rest_between_looks = 20;

}  // namespace

bool tree_knowledge::is_at(const git_oid& tree) const {
  return now_.tree && git_oid_equal(&*now_.tree, &tree) != 0;
}

tree_knowledge::state tree_knowledge::forget() { return std::exchange(now_, {}); }

void tree_knowledge::stands_at(const git_oid& tree, trust granted) {
  now_.tree = tree;
  now_.granted = granted;
}

void tree_knowledge::edited(const state& before, const git_oid& from, const git_oid& to) {
  if (before.granted == trust::until_next_look && before.tree &&
      git_oid_equal(&*before.tree, &from) != 0)
    stands_at(to, before.granted);
}

void tree_knowledge::untouched(const state& before, clock::time_point now) {
  now_.built = before.built;
  if (before.tree && !worth_a_look(now)) stands_at(*before.tree, trust::until_next_look);
}

bool tree_knowledge::worth_a_look(clock::time_point now) const {
  return now - looked_at_ > look_took_ * rest_between_looks;
}

}  // namespace ratchet::git
