# SPDX-License-Identifier: MIT
import functools
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def awaited(
    tool: Callable[Concatenate[Any, Given], Answer]
) -> Callable[Concatenate[Any, Given], Coroutine[Any, Any, Answer]]:
    """A method of Tools, for a class whose `_tool` is to be awaited."""

    @functools.wraps(tool)
    async def call(self: Any, *nothing: Given.args, **given: Given.kwargs) -> Answer:
        answer: Any = tool(self, *nothing, **given)
        result: Answer = await answer
        return result

    return call
