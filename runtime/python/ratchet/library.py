# SPDX-License-Identifier: MIT
"""libratchet.so: where it is, and what its functions take (ratchet.h)."""
import ctypes
import functools
import itertools
import json
import os
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

_ABI_VERSION = 1

_text, _handle = ctypes.c_char_p, ctypes.c_void_p
_callback = ctypes.CFUNCTYPE(None, _text, _handle)

_signatures: dict[str, tuple[Any, list[Any]]] = {
    "ratchet_open": (ctypes.c_int, [_text, ctypes.POINTER(_handle), ctypes.POINTER(_handle)]),
    "ratchet_start_call": (_handle, [_handle, _text, _text, _callback, _handle]),
    "ratchet_cancel_call": (None, [_handle]),
    "ratchet_free_call": (None, [_handle]),
    "ratchet_cancel": (None, [_handle, _text]),
    "ratchet_subscribe": (_handle, [_handle, _text, _callback, _handle]),
    "ratchet_unsubscribe": (None, [_handle]),
    "ratchet_close": (None, [_handle]),
    "ratchet_free": (None, [_handle]),
}


def _places() -> Iterator[str]:
    if named := os.environ.get("RATCHET_LIBRARY"):
        yield named
        return
    package = pathlib.Path(__file__).resolve().parent
    installed = package / "library_path"  # written by CMake: relative to the package, or absolute
    if installed.is_file() and (library := package / installed.read_text().strip()).exists():
        yield str(library.resolve())
    yield "libratchet.so"


@functools.cache
def load() -> ctypes.CDLL:
    """Raises ImportError when there is none, or one of another ABI."""
    place = next(_places())
    try:
        library = ctypes.CDLL(place)
        abi = library.ratchet_abi_version()
        for name, (result, arguments) in _signatures.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except OSError as error:
        raise ImportError(f"libratchet.so cannot be loaded ({error}); install Ratchet with "
                          "`cmake --install`, or set RATCHET_LIBRARY to its path") from error
    except AttributeError as error:
        raise ImportError(f"{place} is older than this package ({error}); install the two "
                          "together") from error
    if abi != _ABI_VERSION:
        raise ImportError(f"{place} has ABI version {abi}, this package is for {_ABI_VERSION}; "
                          "install the two together")
    return library


def _refuse(value: object) -> Any:
    raise TypeError(f"{value!r} is no value of JSON; give texts, numbers, True, False, lists and "
                    "dicts of them (a path as str(path))")


def as_json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, allow_nan=False, default=_refuse).encode()


def take_json(library: ctypes.CDLL, text: int) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(ctypes.string_at(text))
    library.ratchet_free(text)
    return answer


# What C calls is one function for all, which lives as long as the module: the runtime's thread is
# still in it when whoever was called may be gone. C's `user` is a receiver's number.
_receivers: dict[int, Callable[[Any], None]] = {}
_numbers = itertools.count(1)


@_callback
def receive(text: bytes, number: int) -> None:
    if receiver := _receivers.get(number):
        receiver(json.loads(text))


def add_receiver(receiver: Callable[[Any], None]) -> int:
    number = next(_numbers)
    _receivers[number] = receiver
    return number


def remove_receiver(number: int) -> None:
    _receivers.pop(number, None)
