// SPDX-License-Identifier: MIT
//
// What is known of a work tree without a look at it, and how far a restore may build on that. Plain
// values: what is written, and when all is looked at, the workspace tells.
//
//   forget()        something writes there now, or may have: a command, an edit
//   stands_at()     all was made equal to a tree
//   looked()        at every file, which took so long; looking again within twenty times that
//                   is not worth it (worth_a_look)
#pragma once

#include <git2/oid.h>

#include <chrono>
#include <cstddef>
#include <optional>

namespace ratchet::git {

class tree_knowledge {
 public:
  using clock = std::chrono::steady_clock;

  /// How far a restore may write the difference of two trees and look at nothing else.
  enum class trust {
    none,
    one_restore,      ///< once: from then on others than runs may have written there
    until_next_look,  ///< until a look is worth its time: runs saw the tree through an overlay
  };

  struct state {
    std::optional<git_oid> tree;  ///< the work tree was made equal to it, and nothing wrote since
    trust granted = trust::none;
    bool built = false;  ///< a build's result was noted, and nothing wrote since
  };

  const state& now() const { return now_; }
  bool is_at(const git_oid& tree) const;

  /// Returns what was known until now.
  state forget();
  void stands_at(const git_oid& tree, trust granted = trust::none);
  /// Our own edit alone led from `from` to `to`: after `before` = forget(), what was known until
  /// the next look stays so.
  void edited(const state& before, const git_oid& from, const git_oid& to);
  /// A run saw the tree through an overlay: after `before` = forget(), the tree is as it was.
  void untouched(const state& before, clock::time_point now);
  void note_build(bool built) { now_.built = built; }

  void looked(clock::time_point begun, clock::time_point ended) {
    looked_at_ = ended;
    look_took_ = ended - begun;
  }
  bool worth_a_look(clock::time_point now) const;

 private:
  state now_;
  clock::time_point looked_at_{};
  clock::duration look_took_{};
};

}  // namespace ratchet::git
