// SPDX-License-Identifier: MIT
//
// The workspace port on git repositories.
//
// Owns `<state>/sessions/<id>/` of every session (session_workspace.hpp draws it) and, in the
// user's repository, the references refs/ratchet/<id>/base and refs/heads/ratchet/<id>; in place,
// also the checked-out branch, the index entries of the targets and the work tree.
//
// Promises: blobs are written byte for byte, without filters, line-end conversion or keyword
// expansion, and read back so; nothing that a candidate plants is obeyed or followed; in a work
// tree whatever is not in the wanted tree, shared, or kept by keep_setup() is removed. keep_setup()
// copies what is there into the private repository (regular files with mode and time, links, empty
// folders), and so does keep_products() with what builds made: large downloads are better shared.
// In place, it is left alone from then on, but not put back. In place, what was uncommitted or
// untracked before create() is never touched, files that appeared since are removed by restore(),
// and deleted untracked files stay deleted. A kept commit is on the disk, in the user's repository,
// when publish() returns; all else survives the end of the process at any moment, not a power loss.
//
// Runs through an overlay: restore() after one writes only what differs between the two trees, as
// nothing else can have changed by the run. What somebody else wrote into the work tree meanwhile
// goes with the next look at all of it, which is due again when 20 times as long has passed as it
// took. (Without an overlay each restore() looks at everything.)
//
// Candidates of one session side by side: create() of a lane cuts an extra work tree from the base
// of the session, which must exist (the settings are the session's own, those given count for
// nothing), or starts an existing one over; info() is `unknown_session` until it is whole. All
// calls work on it as on the session's own work tree, with the same objects: trees and commits made
// in one can be restored, committed and published through any. Calls of different lanes may
// overlap. setup_command is run in each, then keep_setup(). publish() is the session's alone and is
// refused; so is create() of a session in place. remove() of the session removes its extra work
// trees.
//
// The caller holds the session's lease: locks and temporary files found in a session's own folder
// or references belong to a process that is gone, and are removed.
#pragma once

#include <filesystem>
#include <memory>

#include "actors/ports/settling_port.hpp"
#include "actors/ports/workspace_port.hpp"

namespace ratchet {

/// Makes `<state_dir>/sessions` if needed. Fails with workspace_failed when that is not possible.
/// A work tree of `overlay_from` files or more is offered an overlay for its runs: below, looking
/// at all of them after a run costs less than a few milliseconds.
expected<std::shared_ptr<workspace_port>> open_workspaces(const std::filesystem::path& state_dir,
                                                          std::size_t overlay_from = 5'000);

/// Of what open_workspaces() gave; null of any other.
std::shared_ptr<settling_port> settling(const std::shared_ptr<workspace_port>& workspaces);

}  // namespace ratchet
