#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two sessions side by side with asyncio, and a third task that follows the events of both.

With the package installed, or PYTHONPATH=runtime/python and RATCHET_LIBRARY set:
python3 side_by_side.py
"""
import asyncio
import pathlib
import tempfile

import scratch_repository
from ratchet import AsyncRatchet, EventStream


async def search(lab: AsyncRatchet, repo: pathlib.Path, goal: str, candidates: list[int]) -> str:
    session = await lab.setup(repo_path=str(repo), target_file="tune.py", goal_id=goal,
                              run_command="python3 tune.py", edit_backend="host")
    session_id = session["session_id"]
    for x in candidates:
        text = scratch_repository.SCRIPT.replace("x = 3", f"x = {x}")
        await lab.edit(session_id=session_id, hypothesis=f"x = {x}", content=text)
        await lab.run(session_id=session_id)
        await lab.decide(session_id=session_id)
    end = await lab.finalize(session_id=session_id, compare=False)
    return end.get("branch", "")  # there is none when nothing was kept


async def follow(events: EventStream, sessions: int) -> dict[str, list[float | None]]:
    """What was kept for which goal, until so many sessions have ended."""
    kept: dict[str, list[float | None]] = {}
    async for event in events:
        if event["type"] == "autoresearch.promoted":
            payload = event["data"]
            print(payload["goal_id"], "keeps", payload["metric_value"])
            kept.setdefault(payload["goal_id"], []).append(payload["metric_value"])
        elif event["type"] == "autoresearch.completed":
            sessions -= 1
            if sessions == 0:
                break
    return kept


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = scratch_repository.make(pathlib.Path(folder) / "repo")
        async with AsyncRatchet(state_dir=f"{folder}/state", slots=2) as lab:
            async with lab.events(topics=["*.promoted", "*.completed"]) as events:
                async with asyncio.TaskGroup() as tasks:
                    follower = tasks.create_task(follow(events, sessions=2))
                    above = tasks.create_task(search(lab, repo, "from-above", [9, 8]))
                    below = tasks.create_task(search(lab, repo, "from-below", [5, 6, 7]))
            print("branches", above.result(), below.result())
    assert follower.result() == {"from-above": [96, 99], "from-below": [96, 99, 100]}


if __name__ == "__main__":
    asyncio.run(main())
