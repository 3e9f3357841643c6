#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A search in Python: the edits come from here, Ratchet measures, keeps and reverts.

With the package installed, or PYTHONPATH=runtime/python and RATCHET_LIBRARY set: python3 search.py
"""
import pathlib
import tempfile

import scratch_repository
from ratchet import Ratchet, RatchetError


def search(lab: Ratchet, repo: pathlib.Path) -> None:
    session = lab.setup(repo_path=str(repo), target_file="tune.py", run_command="python3 tune.py")
    session_id = session["session_id"]
    print("baseline", session["baseline_metric"])
    x = 3
    for candidate in (5, 2, 7, 8):
        lab.edit(session_id=session_id, hypothesis=f"x = {candidate}",
                 edits=[{"file": "tune.py", "search": f"x = {x}", "replace": f"x = {candidate}"}])
        run = lab.run(session_id=session_id)
        verdict = lab.decide(session_id=session_id)
        print(f"x = {candidate}: {run['metric_value']} {verdict['decision']}")
        if verdict["decision"] == "kept":
            x = candidate
    end = lab.finalize(session_id=session_id)
    branch = end.get("branch", "")  # there is none when nothing was kept
    print("best", end["best_metric"], "on", branch)
    try:
        lab.run(session_id=session_id)
    except RatchetError as error:
        print("refused:", error.code)
    assert x == 7 and end["best_metric"] == 100
    assert "x = 7" in scratch_repository.git(repo, "show", f"{branch}:tune.py")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = scratch_repository.make(pathlib.Path(folder) / "repo")
        with Ratchet(state_dir=f"{folder}/state") as lab:
            search(lab, repo)


if __name__ == "__main__":
    main()
