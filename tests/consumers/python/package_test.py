# SPDX-License-Identifier: MIT
"""The Python package as its users have it: package_test.py [-v] [NAME…], with `ratchet` on the path
and a repository of its own for each test."""
import asyncio
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import ratchet
from ratchet import AsyncRatchet, Ratchet, RatchetError, StillRunning


def git(repo, *arguments):
    subprocess.run(["git", "-C", str(repo), "-c", "user.name=t", "-c", "user.email=t@t", *arguments],
                   check=True, capture_output=True)


def make_repository(folder):
    repo = pathlib.Path(folder) / "repo"
    repo.mkdir()
    (repo / "p.txt").write_text("score: 5\n")
    git(repo, "init", "-q", "-b", "main")
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "start")
    return repo


class Laboratory:
    """The experiment prints p.txt; while there is a file `slow` it waits, having made `begun`."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.state = f"{self.folder.name}/state"
        self.repo = make_repository(self.folder.name)
        self.slow = pathlib.Path(self.folder.name) / "slow"
        self.begun = pathlib.Path(self.folder.name) / "begun"
        self.settings = {
            "repo_path": str(self.repo), "target_file": "p.txt", "edit_backend": "host",
            "sandbox": "none",
            "run_command": f"while test -e {self.slow}; do touch {self.begun}; sleep 0.05; done; "
                           "cat p.txt"}


class Waiting(Laboratory, unittest.TestCase):
    def test_a_session_is_typed_calls_from_setup_to_finalize(self):
        with Ratchet(state_dir=self.state, slots=1) as lab:
            session = lab.setup(**self.settings, repeats=1, metric_direction="higher_is_better")
            self.assertEqual(session["baseline_metric"], 5)
            step = {"session_id": session["session_id"]}
            edited = lab.edit(**step, hypothesis="more", edits=[
                {"file": "p.txt", "search": "5", "replace": "6"}])
            self.assertEqual(edited["files_changed"], ["p.txt"])
            self.assertEqual(lab.run(**step)["metric_value"], 6)
            self.assertEqual(lab.decide(**step)["decision"], "kept")
            self.assertEqual(lab.status(**step)["best_metric"], 6)
            self.assertEqual(len(lab.sessions()["active_sessions"]), 1)
            self.assertEqual(lab.show(**step, what="text")["text"], "score: 6\n")
            end = lab.finalize(**step, compare=False)
            self.assertEqual(end["branch"], "ratchet/" + session["session_id"])

    def test_a_setting_that_hosts_see_in_options_only_is_given_by_its_name(self):
        with Ratchet(state_dir=self.state) as lab:
            with self.assertRaises(RatchetError) as refused:
                lab.setup(**self.settings, plateau=-1)
        self.assertEqual(refused.exception.answer["field"], "plateau")

    def test_what_is_no_json_is_refused_before_the_call(self):
        with Ratchet(state_dir=self.state) as lab:
            with self.assertRaisesRegex(TypeError, r"PosixPath.*str\(path\)"):
                lab.setup(**self.settings, instructions=self.repo)

    def test_an_error_answer_is_raised_with_its_code(self):
        with Ratchet(state_dir=self.state) as lab:
            with self.assertRaises(RatchetError) as refused:
                lab.run(session_id="ffffffffffff")
            with self.assertRaisesRegex(RatchetError, "no tool"):
                lab.call("autoresearch_fly")
        self.assertEqual(refused.exception.code, "unknown_session")
        self.assertIn("ffffffffffff", str(refused.exception))

    def test_a_runtime_that_cannot_be_opened_says_why(self):
        with self.assertRaisesRegex(RatchetError, "slots must be a whole number from 1 to 1024"):
            Ratchet(state_dir=self.state, slots=0)

    def test_a_closed_runtime_says_so(self):
        lab = Ratchet(state_dir=self.state)
        lab.close()
        lab.close()
        with self.assertRaisesRegex(RuntimeError, "closed"):
            lab.sessions()

    def test_a_wait_that_passes_is_raised_and_the_step_goes_on(self):
        self.slow.touch()
        with Ratchet(state_dir=self.state) as lab:
            with self.assertRaises(StillRunning) as running:
                lab.setup(**self.settings, wait_ms=0)
            self.assertEqual(running.exception.step, "autoresearch_setup")
            self.slow.unlink()
            told = lab.status(session_id=running.exception.session_id, wait_ms=60_000)
            self.assertEqual(told["last_result"]["answer"]["baseline_metric"], 5)

    def test_closing_ends_the_calls_of_other_threads(self):
        self.slow.touch()
        refused = []

        def set_up():
            try:
                lab.setup(**self.settings)
            except RatchetError as error:
                refused.append(error.code)

        lab = Ratchet(state_dir=self.state)
        caller = threading.Thread(target=set_up)
        caller.start()
        while not self.begun.exists():
            time.sleep(0.01)
        lab.close()
        caller.join()
        self.assertEqual(refused, ["cancelled"])

    def test_it_closes_while_the_threads_that_called_it_live(self):
        threads = 4
        all_at_once = threading.Barrier(threads)  # so that each thread takes one of the calls

        def look(_):
            all_at_once.wait()
            return lab.sessions()

        with ThreadPoolExecutor(threads) as pool:
            lab = Ratchet(state_dir=self.state)
            for answer in pool.map(look, range(threads)):
                self.assertEqual(answer["active_sessions"], [])
            began = time.monotonic()
            lab.close()
        self.assertLess(time.monotonic() - began, 15)

    def test_a_subscriber_is_called_until_it_is_closed(self):
        arrived, topics = threading.Event(), []

        def deliver(event):
            topics.append(event["type"])
            arrived.set()

        with Ratchet(state_dir=self.state) as lab:
            subscription = lab.subscribe(deliver, topics=["*.baseline"])
            lab.setup(**self.settings)
            self.assertTrue(arrived.wait(30))
            subscription.close()
            subscription.close()
            lab.setup(**self.settings)
        self.assertEqual(topics, ["autoresearch.baseline"])

    def test_help_tells_every_setting_with_its_limits(self):
        text = ratchet.Ratchet.setup.__doc__
        for words in ("run_command: The experiment", "max_iterations: How many edits", "Default: 50"):
            self.assertIn(words, text)
        self.assertEqual(text, AsyncRatchet.setup.__doc__)


class Awaiting(Laboratory, unittest.IsolatedAsyncioTestCase):
    async def one_step(self, lab, text="score: 6\n"):
        session = await lab.setup(**self.settings)
        await lab.edit(session_id=session["session_id"], content=text)
        return session["session_id"]

    async def until_begun(self):
        while not self.begun.exists():
            await asyncio.sleep(0.01)

    async def test_two_sessions_are_at_work_at_the_same_time(self):
        async with AsyncRatchet(state_dir=self.state, slots=2) as lab:
            first, second = await self.one_step(lab), await self.one_step(lab)
            self.slow.touch()
            runs = asyncio.gather(lab.run(session_id=first), lab.run(session_id=second))
            working = 0
            while working < 2:
                await asyncio.sleep(0.01)
                told = await asyncio.gather(*(lab.status(session_id=s) for s in (first, second)))
                working = sum(one["state"] == "running" for one in told)
            self.slow.unlink()
            self.assertEqual([run["metric_value"] for run in await runs], [6, 6])

    async def test_a_run_whose_task_is_cancelled_is_undone_before_the_task_goes_on(self):
        async with AsyncRatchet(state_dir=self.state) as lab:
            session_id = await self.one_step(lab)
            self.slow.touch()
            running = asyncio.create_task(lab.run(session_id=session_id))
            await self.until_begun()
            running.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await running
            told = await lab.status(session_id=session_id)
            self.assertEqual((told["state"], told["step"]), ("idle", "autoresearch_run"))
            self.slow.unlink()
            self.assertEqual((await lab.run(session_id=session_id))["metric_value"], 6)

    async def test_a_setup_that_takes_too_long_leaves_no_session(self):
        self.slow.touch()
        async with AsyncRatchet(state_dir=self.state) as lab:
            with self.assertRaises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await lab.setup(**self.settings)
            self.assertEqual((await lab.sessions())["active_sessions"], [])

    async def test_a_call_that_is_cancelled_at_once_does_not_begin_its_step(self):
        async with AsyncRatchet(state_dir=self.state) as lab:
            session_id = await self.one_step(lab)
            self.slow.touch()
            running = asyncio.create_task(lab.run(session_id=session_id))
            await asyncio.sleep(0)
            running.cancel()
            await asyncio.wait([running])
            self.assertTrue(running.cancelled())
            self.assertEqual((await lab.status(session_id=session_id))["state"], "idle")

    async def test_events_that_were_kept_come_first_and_in_order(self):
        async with AsyncRatchet(state_dir=self.state) as lab:
            session_id = await self.one_step(lab)
        async with AsyncRatchet(state_dir=self.state) as lab:
            topics = []
            events = lab.events(session_id=session_id, after_seq=0, buffered=1)
            await lab.run(session_id=session_id)
            async for event in events:
                topics.append((int(event["sequence"]), event["type"].split(".")[1]))
                if topics[-1][1] == "iteration":
                    break
            events.close()
        self.assertEqual([topic for _, topic in topics],
                         ["started", "baseline", "edited", "iteration"])
        self.assertEqual(topics, sorted(topics))

    async def test_a_closed_stream_tells_what_had_arrived_and_ends(self):
        async with AsyncRatchet(state_dir=self.state) as lab:
            await self.one_step(lab)
            events = lab.events(after_seq=0)
            first = await anext(events)
        rest = [event["type"] async for event in events]
        self.assertEqual(first["type"], "autoresearch.started")
        self.assertEqual(rest, ["autoresearch.baseline", "autoresearch.edited"][:len(rest)])

    async def test_whoever_waits_for_an_event_is_let_go_when_the_runtime_is_closed(self):
        async with AsyncRatchet(state_dir=self.state) as lab:
            waiting = asyncio.create_task(anext(lab.events(), None))
            await asyncio.sleep(0)
        self.assertIsNone(await waiting)

    async def test_a_reader_that_does_not_read_holds_up_neither_steps_nor_the_end(self):
        async with AsyncRatchet(state_dir=self.state) as lab:
            idle = lab.events(after_seq=0, buffered=1)
            for _ in range(3):
                await self.one_step(lab)
            self.assertEqual((await anext(idle))["type"], "autoresearch.started")

    async def test_a_filter_that_is_none_is_refused(self):
        async with AsyncRatchet(state_dir=self.state) as lab:
            with self.assertRaisesRegex(ValueError, "after_seq"):
                lab.events(after_seq="first")

    async def test_closing_ends_the_calls_of_other_tasks(self):
        self.slow.touch()
        async with AsyncRatchet(state_dir=self.state) as lab:
            setup = asyncio.create_task(lab.setup(**self.settings))
            await self.until_begun()
        with self.assertRaisesRegex(RatchetError, "cancelled"):
            await setup


class Leaving(Laboratory, unittest.TestCase):
    def test_a_program_that_closes_nothing_ends_all_the_same(self):
        program = """
import asyncio, sys
from ratchet import AsyncRatchet

async def leave(state, settings):
    lab = AsyncRatchet(state_dir=state)
    await lab.open()
    unread = lab.events(after_seq=0, buffered=1)
    await lab.setup(**settings)
    await anext(unread)

asyncio.run(leave(sys.argv[1], eval(sys.argv[2])))
"""
        ended = subprocess.run([sys.executable, "-c", program, self.state, repr(self.settings)],
                               timeout=60, text=True, capture_output=True)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
