# SPDX-License-Identifier: MIT
"""An opened runtime: the calls under way and the subscriptions, whoever waits for them."""
import atexit
import ctypes
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any

from . import library
from .errors import RatchetError


class Call:
    """A call of a tool that has begun."""

    def __init__(self, runtime: ctypes.c_void_p, tool: str, arguments: dict[str, Any]) -> None:
        self.answer: Future[dict[str, Any]] = Future()
        self.answer.set_running_or_notify_cancel()  # from now on it is ended by `cancel` alone
        self._library = library.load()
        self._lock = threading.Lock()
        text = library.as_json(arguments)
        self._number = library.add_receiver(self._answered)
        self._pending = self._library.ratchet_start_call(runtime, tool.encode(), text,
                                                         library.receive, self._number)
        if not self._pending:
            library.remove_receiver(self._number)
            raise MemoryError("libratchet.so could not begin the call")

    def _answered(self, answer: dict[str, Any]) -> None:
        library.remove_receiver(self._number)
        self.answer.set_result(answer)

    def cancel(self) -> None:
        """Ends the step that it has begun; the answer will have the code "cancelled"."""
        with self._lock:
            if self._pending:
                self._library.ratchet_cancel_call(self._pending)

    def release(self) -> None:
        with self._lock:
            pending, self._pending = self._pending, None
        self._library.ratchet_free_call(pending)


class Subscription:
    """Until it is closed, a function is called with every event."""

    def __init__(self, runtime: ctypes.c_void_p, deliver: Callable[[Any], None],
                 wanted: dict[str, Any], let_go: Callable[["Subscription"], None]) -> None:
        self._library = library.load()
        self._let_go = let_go
        text = library.as_json(wanted)
        self._number = library.add_receiver(deliver)
        self._subscription = self._library.ratchet_subscribe(runtime, text, library.receive,
                                                             self._number)
        if not self._subscription:
            library.remove_receiver(self._number)
            raise ValueError("events are asked for with topics (a list of texts), session_id "
                             "(text) and after_seq (a whole number, at least -1), not with "
                             f"{wanted}")

    def close(self) -> None:
        """Once it has returned, the function is not called again."""
        self._let_go(self)
        subscription, self._subscription = self._subscription, None
        self._library.ratchet_unsubscribe(subscription)
        library.remove_receiver(self._number)


class Opened:
    """A runtime from ratchet_open to ratchet_close. Safe from any thread."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._library = library.load()
        self._runtime = ctypes.c_void_p()
        self._lock = threading.Lock()
        self._calls: set[Call] = set()
        self._subscriptions: set[Subscription] = set()
        error = ctypes.c_void_p()
        if self._library.ratchet_open(library.as_json(options), ctypes.byref(self._runtime),
                                      ctypes.byref(error)):
            raise RatchetError(library.take_json(self._library, error.value or 0))
        _all_opened.add(self)

    def _open_runtime(self) -> ctypes.c_void_p:
        if not self._runtime:
            raise RuntimeError("this runtime is closed; open another one")
        return self._runtime

    def start(self, tool: str, arguments: dict[str, Any]) -> Call:
        """Whoever waits for the answer says `finish` then."""
        with self._lock:
            call = Call(self._open_runtime(), tool, arguments)
            self._calls.add(call)
        return call

    def finish(self, call: Call) -> None:
        with self._lock:
            self._calls.discard(call)
        call.release()

    def cancel(self, session_id: str) -> None:
        with self._lock:
            self._library.ratchet_cancel(self._open_runtime(), session_id.encode())

    def subscribe(self, deliver: Callable[[Any], None], wanted: dict[str, Any],
                  let_go: Callable[[], None] = lambda: None) -> Subscription:
        """`let_go` is called before it is closed: a `deliver` that waits must return then."""

        def closing(subscription: Subscription) -> None:
            self._subscriptions.discard(subscription)
            let_go()

        with self._lock:
            subscription = Subscription(self._open_runtime(), deliver, wanted, closing)
            self._subscriptions.add(subscription)
        return subscription

    def close(self) -> None:
        """Steps at work are undone, and their callers told. Again does nothing."""
        with self._lock:
            runtime, self._runtime = self._runtime, ctypes.c_void_p()
            calls, subscriptions = list(self._calls), list(self._subscriptions)
        if not runtime:
            return
        for call in calls:
            call.cancel()
        for subscription in subscriptions:
            subscription.close()
        wait([call.answer for call in calls], timeout=15)
        for call in calls:
            call.release()
        self._library.ratchet_close(runtime)


_all_opened: weakref.WeakSet[Opened] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    # Before the interpreter goes: a thread of the runtime must not call into one that is gone.
    for opened in list(_all_opened):
        opened.close()
