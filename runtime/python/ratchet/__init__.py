# SPDX-License-Identifier: MIT
"""Ratchet in Python, by way of libratchet.so and nothing but the standard library (3.11).

    with Ratchet(state_dir="/var/lib/lab") as lab:
        session = lab.setup(repo_path=".", target_file="train.py",
                            run_command="python3 train.py")

Every tool is a method that takes its arguments by name and answers a dict, whose keys are in
`ratchet.values`; `help(Ratchet.setup)` tells every setting. An error answer is raised, as
RatchetError. AsyncRatchet has the same methods to be awaited, and events to iterate over:

    async with AsyncRatchet(state_dir="/var/lib/lab") as lab:
        async for event in lab.events(topics=["autoresearch.promoted"], after_seq=0):
            print(event["data"]["metric_value"])

The library is looked for at $RATCHET_LIBRARY, then where this package was installed with it, then
where the system looks.
"""
from . import values
from .asynchronous import AsyncRatchet, EventStream
from .errors import RatchetError, StillRunning
from .opened import Subscription
from .runtime import Ratchet
from .values import Event

__all__ = [
    "AsyncRatchet",
    "Event",
    "EventStream",
    "Ratchet",
    "RatchetError",
    "StillRunning",
    "Subscription",
    "values",
]
