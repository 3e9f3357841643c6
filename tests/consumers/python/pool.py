# SPDX-License-Identifier: MIT
"""A Python host whose thread pool outlives the runtime it has called: pool.py LIBRARY STATE_DIR."""
import ctypes
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

library, state_dir = sys.argv[1:]
ratchet = ctypes.CDLL(library)
ratchet.ratchet_call.restype = ctypes.c_void_p
ratchet.ratchet_call.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]
ratchet.ratchet_free.argtypes = [ctypes.c_void_p]
ratchet.ratchet_close.argtypes = [ctypes.c_void_p]

lab = ctypes.c_void_p()
error = ctypes.c_void_p()
options = json.dumps({"state_dir": state_dir, "slots": 1}).encode()
if ratchet.ratchet_open(options, ctypes.byref(lab), ctypes.byref(error)) != 0:
    sys.exit(ctypes.string_at(error.value).decode())

threads = 4
all_at_once = Barrier(threads)  # so that each thread of the pool takes one of the calls


def status(_):
    all_at_once.wait()
    answer = ratchet.ratchet_call(lab, b"get_autoresearch_status", b"{}")
    text = ctypes.string_at(answer).decode()
    ratchet.ratchet_free(answer)
    return json.loads(text)


with ThreadPoolExecutor(threads) as pool:
    for answer in pool.map(status, range(threads)):
        assert "active_sessions" in answer, answer
    began = time.monotonic()
    ratchet.ratchet_close(lab)  # while the pool's threads live
    took = time.monotonic() - began
assert took <= 15, f"ratchet_close took {took:.1f} s"
print("a Python thread pool: ok")
