// SPDX-License-Identifier: MIT
#include "runtime/git/tree_knowledge.hpp"

#include <doctest/doctest.h>

using namespace ratchet::git;
using trust = tree_knowledge::trust;
using std::chrono::milliseconds;

namespace {

git_oid tree_of_number(unsigned char n) {
  git_oid id{};
  id.id[0] = n;
  return id;
}

const git_oid one = tree_of_number(1), two = tree_of_number(2);
const tree_knowledge::clock::time_point start{std::chrono::hours(1)};

}  // namespace

TEST_CASE("nothing is known of a work tree at first, nor after something may have written there") {
  tree_knowledge known;
  CHECK_FALSE(known.now().tree);
  CHECK(known.now().granted == trust::none);
  known.stands_at(one, trust::one_restore);
  known.note_build(true);
  CHECK(known.is_at(one));
  CHECK_FALSE(known.is_at(two));
  const auto before = known.forget();
  CHECK_FALSE(known.is_at(one));
  CHECK(known.now().granted == trust::none);
  CHECK_FALSE(known.now().built);
  CHECK(before.tree);
  CHECK(before.granted == trust::one_restore);
  CHECK(before.built);
}

TEST_CASE(
    "an edit of our own moves what is known until the next look, and only from its own tree") {
  tree_knowledge known;
  known.stands_at(one, trust::until_next_look);
  SUBCASE("from the tree that was known") {
    const auto before = known.forget();
    known.edited(before, one, two);
    CHECK(known.is_at(two));
    CHECK(known.now().granted == trust::until_next_look);
  }
  SUBCASE("from another tree") {
    const auto before = known.forget();
    known.edited(before, two, one);
    CHECK_FALSE(known.now().tree);
  }
  SUBCASE("when it was known for one restore alone") {
    known.stands_at(one, trust::one_restore);
    const auto before = known.forget();
    known.edited(before, one, two);
    CHECK_FALSE(known.now().tree);
  }
}

TEST_CASE("after a run through an overlay the tree is as it was, until a look is worth its time") {
  tree_knowledge known;
  known.looked(start, start + milliseconds(10));
  known.stands_at(one);
  known.note_build(true);
  const auto before = known.forget();
  SUBCASE("soon") {
    known.untouched(before, start + milliseconds(10 + 200));
    CHECK(known.is_at(one));
    CHECK(known.now().granted == trust::until_next_look);
    CHECK(known.now().built);
  }
  SUBCASE("after more than twenty times as long as the look took") {
    known.untouched(before, start + milliseconds(10 + 201));
    CHECK_FALSE(known.now().tree);
    CHECK(known.now().granted == trust::none);
    CHECK(known.now().built);
  }
}

TEST_CASE("of a tree that was not known, a run through an overlay says nothing") {
  tree_knowledge known;
  known.looked(start, start + milliseconds(10));
  known.untouched(known.forget(), start + milliseconds(20));
  CHECK_FALSE(known.now().tree);
}
