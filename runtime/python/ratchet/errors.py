# SPDX-License-Identifier: MIT
"""Answers that are raised."""
from typing import Any


class RatchetError(Exception):
    """An answer with `error` and `code`; nothing was changed. The whole of it is in `answer`."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(f"{answer['error']} ({answer['code']})")
        self.code: str = answer["code"]
        self.answer = answer


class StillRunning(Exception):
    """The `wait_ms` of a call has passed, and its step goes on. `status`, with a `wait_ms` of its
    own, waits for it and has its result in `last_result`."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(f"{answer['step']} of session {answer['session_id']} goes on")
        self.session_id: str = answer["session_id"]
        self.step: str = answer["step"]
        self.answer = answer


def result_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, if it is what was asked for."""
    if "error" in answer and "code" in answer:
        raise RatchetError(answer)
    # A session's progress has a state as well, and a status.
    if answer.get("state") == "running" and "status" not in answer:
        raise StillRunning(answer)
    return answer
