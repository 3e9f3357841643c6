# SPDX-License-Identifier: MIT
"""Ratchet for programs that wait for each answer."""
import os
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from .errors import result_of
from .opened import Opened, Subscription
from .tools import Tools
from .values import Event

Path = str | os.PathLike[str]


def open_options(state_dir: Path | None, slots: int | None,
                 launcher: Path | None) -> dict[str, Any]:
    given = {"state_dir": state_dir and os.fspath(state_dir), "slots": slots,
             "launcher": launcher and os.fspath(launcher)}
    return {name: value for name, value in given.items() if value is not None}


def arguments_of(given: dict[str, Any]) -> dict[str, Any]:
    """Of a method's parameters those that are a tool's arguments and were given."""
    return {name: value for name, value in given.items() if name != "self" and value is not None}


class Ratchet(Tools):
    """A runtime in this process. Its methods may be called from any thread; a context manager that
    closes it. Ctrl-C during a call ends its step, which is undone.

    Args:
        state_dir: where sessions, store and reports live; default: as for the command `ratchet`
        slots: experiments side by side, 1 to 1024; default: half the cores
        launcher: path of ratchet-launcher; default: the one installed with the library
    """

    def __init__(self, *, state_dir: Path | None = None, slots: int | None = None,
                 launcher: Path | None = None) -> None:
        self._opened = Opened(open_options(state_dir, slots, launcher))

    def _tool(self, name: str, given: dict[str, Any]) -> Any:
        return self.call(name, **arguments_of(given))

    def call(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Calls a tool by the name that it has everywhere, such as "autoresearch_setup"."""
        call = self._opened.start(tool, arguments)
        try:
            return result_of(call.answer.result())
        except KeyboardInterrupt:
            call.cancel()
            call.answer.result()
            raise
        finally:
            self._opened.finish(call)

    def cancel(self, session_id: str) -> None:
        """Ends the step at work in a session, from another thread than the one that waits for it:
        it is undone, and its caller gets a RatchetError with the code "cancelled"."""
        self._opened.cancel(session_id)

    def subscribe(self, deliver: Callable[[Event], None], *, topics: Sequence[str] = ("*",),
                  session_id: str = "", after_seq: int = -1) -> Subscription:
        """Calls `deliver` with every event, in order, one at a time, from a thread of the runtime.

        Args:
            topics: patterns of topics, `*` matches anything
            session_id: only this session's; empty: every session's
            after_seq: the sequence of the event seen last; 0: everything; -1: from now on
        """
        return self._opened.subscribe(deliver, {"topics": list(topics), "session_id": session_id,
                                                "after_seq": after_seq})

    def close(self) -> None:
        """Ends the runtime, in at most 15 seconds. Steps at work are undone, subscriptions end."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()
