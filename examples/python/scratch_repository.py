# SPDX-License-Identifier: MIT
"""A repository of its own for an example, whose experiment prints a number that is best at 7."""
import pathlib
import subprocess

SCRIPT = "x = 3\nprint('score:', 100 - (x - 7) ** 2)\n"


def git(repo: pathlib.Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(repo), *arguments], check=True, text=True,
                          capture_output=True).stdout


def make(repo: pathlib.Path) -> pathlib.Path:
    repo.mkdir()
    (repo / "tune.py").write_text(SCRIPT)
    git(repo, "init", "-q", "-b", "main")
    git(repo, "add", ".")
    git(repo, "-c", "user.name=me", "-c", "user.email=me@example.org", "commit", "-qm", "start")
    return repo
