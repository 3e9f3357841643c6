#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A search in Python: the edits come from here, Ratchet measures, keeps and reverts.

Makes a repository whose experiment prints a number that is best at 7, and climbs to it.
"""
import pathlib
import subprocess
import tempfile

from ratchet import Ratchet, RatchetError

SCRIPT = "x = 3\nprint('score:', 100 - (x - 7) ** 2)\n"


def git(repo, *arguments):
    return subprocess.run(["git", "-C", str(repo), *arguments], check=True, text=True,
                          capture_output=True).stdout


def main():
    with tempfile.TemporaryDirectory() as folder:
        repo = pathlib.Path(folder) / "repo"
        repo.mkdir()
        (repo / "tune.py").write_text(SCRIPT)
        git(repo, "init", "-q", "-b", "main")
        git(repo, "add", ".")
        git(repo, "-c", "user.name=me", "-c", "user.email=me@example.org", "commit", "-qm", "start")
        kept = []
        with Ratchet(state_dir=f"{folder}/state") as lab:
            lab.subscribe(lambda event: kept.append(event["data"]["metric_value"]),
                          topics=["autoresearch.promoted"])
            session = lab.autoresearch_setup(repo_path=str(repo), target_file="tune.py",
                                             run_command="python3 tune.py")
            print("baseline", session["baseline_metric"])
            step = {"session_id": session["session_id"]}
            x = 3
            for candidate in (5, 2, 7, 8):
                lab.autoresearch_edit(**step, hypothesis=f"x = {candidate}",
                                      edits=[{"file": "tune.py", "search": f"x = {x}",
                                              "replace": f"x = {candidate}"}])
                run = lab.autoresearch_run(**step)
                verdict = lab.autoresearch_decide(**step)
                print(f"x = {candidate}: {run['metric_value']} {verdict['decision']}")
                if verdict["decision"] == "kept":
                    x = candidate
            end = lab.autoresearch_finalize(**step)
            print("best", end["best_metric"], "on", end["branch"])
            try:
                lab.autoresearch_run(**step)
            except RatchetError as error:
                print("refused:", error.code)
        assert x == 7 and end["best_metric"] == 100
        assert "x = 7" in git(repo, "show", f"{end['branch']}:tune.py")
        assert kept == [96, 100], kept


if __name__ == "__main__":
    main()
