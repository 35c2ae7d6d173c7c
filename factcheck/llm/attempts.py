"""One request to a model and what came of it: the parts that the client is made of."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar

from factcheck.errors import ModelError
from factcheck.llm.answers import Wire
from factcheck.llm.completions import Raw
from factcheck.llm.parsing import Parsed
from factcheck.llm.traits import MODES, Traits

A = TypeVar("A", bound=Wire)
T = TypeVar("T")


class Read(NamedTuple, Generic[A]):
    """The text of an answer and what could be read of it."""

    text: str
    parsed: Parsed[A]


class Outcome(NamedTuple, Generic[T]):
    """A response, what was read of it, and why it is of no use, if so."""

    raw: Raw
    value: T | None
    error: ModelError | None


class Again(Exception):  # noqa: N818  (no error: a request to send the call in another form)
    """The endpoint refused a form of the request that has others."""

    def __init__(self, error: ModelError) -> None:
        super().__init__(str(error))
        self.error = error


def below(traits: Traits) -> Traits | None:
    """The same with the next way to ask for a schema, where there is one."""
    if traits.is_fixed or traits.mode == MODES[-1]:
        return None
    return dataclasses.replace(traits, mode=MODES[MODES.index(traits.mode) + 1])


@contextlib.contextmanager
def stopped(clock: asyncio.Timeout) -> Iterator[None]:
    """Waiting for one's turn takes nothing from a deadline."""
    loop, end = asyncio.get_running_loop(), clock.when()
    left = end - loop.time() if end is not None else None
    clock.reschedule(None)
    try:
        yield
    finally:
        if left is not None and not clock.expired():
            clock.reschedule(loop.time() + left)
