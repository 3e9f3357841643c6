# SPDX-License-Identifier: MIT
"""Ratchet for programs with asyncio: many sessions side by side in one thread."""
import asyncio
import collections
import contextlib
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from .errors import result_of
from .opened import Opened
from .runtime import Path, arguments_of, open_options
from .tools import AwaitedTools
from .values import Event

Result = TypeVar("Result")


async def _to_the_end(work: "asyncio.Future[Result]", when_cancelled: Callable[[], None]) -> Result:
    """Waits for the work even when this task is cancelled, and only then lets it be."""
    interruption = None
    while not work.done():
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError as cancelled:
            interruption = cancelled
            when_cancelled()
    if interruption:
        work.exception()  # seen, or asyncio would complain of it
        raise interruption
    return work.result()


def _in_thread(work: Callable[[], Result]) -> "asyncio.Future[Result]":
    return asyncio.ensure_future(asyncio.to_thread(work))


class EventStream:
    """Events in order, for `async for`. It begins with the call of `events`, so that nothing of
    what comes after is missed, and ends with `close` or with its runtime; `async with` closes it.
    """

    def __init__(self, opened: Opened, wanted: dict[str, Any], buffered: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived: collections.deque[Event] = collections.deque()
        self._changed = asyncio.Event()
        self._room = threading.Semaphore(buffered)
        self._closed = False
        self._subscription = opened.subscribe(self._deliver, wanted, self._let_go)

    def _deliver(self, event: Event) -> None:
        """On a thread of the runtime, which waits here while there is no room."""
        if self._closed:
            return
        self._room.acquire()
        if not self._closed:
            self._loop.call_soon_threadsafe(self._arrive, event)

    def _arrive(self, event: Event) -> None:
        self._arrived.append(event)
        self._changed.set()

    def _let_go(self) -> None:
        """On any thread: neither that of the runtime nor a reader waits any more."""
        self._closed = True
        self._room.release()
        with contextlib.suppress(RuntimeError):  # the loop may be closed already
            self._loop.call_soon_threadsafe(self._changed.set)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while not self._arrived:
            if self._closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        self._room.release()
        return self._arrived.popleft()

    def close(self) -> None:
        """What has arrived can still be read; then the iteration ends."""
        self._subscription.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:
        self.close()


class AsyncRatchet(AwaitedTools):
    """A runtime in this process, for `async with`. Calls of several sessions go side by side.

    When the task that awaits a call is cancelled, or its `asyncio.timeout` passes, the step ends
    and is undone before the task goes on. With `wait_ms` it would go on instead: StillRunning.

    Args:
        state_dir: where sessions, store and reports live; default: as for the command `ratchet`
        slots: experiments side by side, 1 to 1024; default: half the cores
        launcher: path of ratchet-launcher; default: the one installed with the library
    """

    def __init__(self, *, state_dir: Path | None = None, slots: int | None = None,
                 launcher: Path | None = None) -> None:
        self._options = open_options(state_dir, slots, launcher)
        self._opening: Opened | None = None

    @property
    def _opened(self) -> Opened:
        if self._opening is None:
            raise RuntimeError("it is not open: async with AsyncRatchet(…) as lab")
        return self._opening

    async def _tool(self, name: str, given: dict[str, Any]) -> Any:
        return await self.call(name, **arguments_of(given))

    async def call(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Calls a tool by the name that it has everywhere, such as "autoresearch_setup"."""
        opened = self._opened
        call = opened.start(tool, arguments)
        try:
            return result_of(await _to_the_end(asyncio.wrap_future(call.answer), call.cancel))
        finally:
            opened.finish(call)

    def cancel(self, session_id: str) -> None:
        """Ends the step at work in a session: it is undone, and whoever awaits it gets a
        RatchetError with the code "cancelled"."""
        self._opened.cancel(session_id)

    def events(self, *, topics: Sequence[str] = ("*",), session_id: str = "", after_seq: int = -1,
               buffered: int = 1000) -> EventStream:
        """What happens, and what has happened: for `async for`.

        Args:
            topics: patterns of topics, `*` matches anything
            session_id: only this session's; empty: every session's
            after_seq: the sequence of the event seen last; 0: everything; -1: from now on
            buffered: how many may wait here to be read, at least 1; more wait in the runtime
        """
        wanted = {"topics": list(topics), "session_id": session_id, "after_seq": after_seq}
        return EventStream(self._opened, wanted, buffered)

    async def open(self) -> None:
        """As `async with` does."""
        opening = _in_thread(lambda: Opened(self._options))
        try:
            self._opening = await _to_the_end(opening, lambda: None)
        except asyncio.CancelledError:
            if opening.exception() is None:
                opening.result().close()
            raise

    async def close(self) -> None:
        """Ends the runtime, in at most 15 seconds. Steps at work are undone, streams end."""
        await _to_the_end(_in_thread(self._opened.close), lambda: None)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:
        await self.close()
