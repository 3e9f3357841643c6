# SPDX-License-Identifier: MIT
"""Ratchet in Python, by way of libratchet.so and nothing but the standard library.

    with Ratchet(state_dir="/var/lib/lab") as lab:
        session = lab.autoresearch_setup(repo_path=".", target_file="train.py",
                                         run_command="python3 train.py")

Every tool is a method that takes its arguments by name and gives its answer as a dict; an error
answer is raised as RatchetError. The library is looked for at $RATCHET_LIBRARY, then where the
system looks.
"""
import ctypes
import json
import os


class RatchetError(Exception):
    """An answer with `error` and `code`; the whole of it is in `answer`."""

    def __init__(self, answer):
        super().__init__(f"{answer['error']} ({answer['code']})")
        self.code = answer["code"]
        self.answer = answer


_deliver_type = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_void_p)


def _load():
    library = ctypes.CDLL(os.environ.get("RATCHET_LIBRARY", "libratchet.so"))
    text, handle = ctypes.c_char_p, ctypes.c_void_p
    signatures = {
        "ratchet_abi_version": (ctypes.c_int, []),
        "ratchet_open": (ctypes.c_int, [text, ctypes.POINTER(handle), ctypes.POINTER(handle)]),
        "ratchet_call": (handle, [handle, text, text]),
        "ratchet_subscribe": (handle, [handle, text, _deliver_type, handle]),
        "ratchet_unsubscribe": (None, [handle]),
        "ratchet_close": (None, [handle]),
        "ratchet_free": (None, [handle]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    if library.ratchet_abi_version() != 1:
        raise ImportError("libratchet.so is of another ABI than this module (1)")
    return library


class Ratchet:
    def __init__(self, **options):
        self._library = _load()
        opened, error = ctypes.c_void_p(), ctypes.c_void_p()
        if self._library.ratchet_open(json.dumps(options).encode(), ctypes.byref(opened),
                                      ctypes.byref(error)):
            raise RatchetError(self._take(error.value))
        self._opened = opened
        self._listeners = []

    def _take(self, pointer):
        answer = json.loads(ctypes.string_at(pointer).decode())
        self._library.ratchet_free(pointer)
        return answer

    def call(self, tool, **arguments):
        answer = self._take(self._library.ratchet_call(self._opened, tool.encode(),
                                                       json.dumps(arguments).encode()))
        if "error" in answer and "code" in answer:
            raise RatchetError(answer)
        return answer

    def __getattr__(self, tool):
        if not tool.startswith(("autoresearch_", "get_autoresearch_", "start_autoresearch")):
            raise AttributeError(tool)
        return lambda **arguments: self.call(tool, **arguments)

    def subscribe(self, deliver, **filter):
        """Calls `deliver` with every event, a dict, from a thread of the runtime."""
        callback = _deliver_type(lambda event, _: deliver(json.loads(event.decode())))
        subscription = self._library.ratchet_subscribe(self._opened, json.dumps(filter).encode(),
                                                       callback, None)
        if not subscription:
            raise ValueError(f"no such filter: {filter}")
        self._listeners.append((subscription, callback))  # the callback must outlive its calls

    def close(self):
        for subscription, _ in self._listeners:
            self._library.ratchet_unsubscribe(subscription)
        self._listeners = []
        if self._opened:
            self._library.ratchet_close(self._opened)
            self._opened = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
