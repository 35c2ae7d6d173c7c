"""What a run tells whoever watches it, and how Ctrl-C ends it without losing what is done."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

from factcheck.errors import ModelError
from factcheck.llm.batch import News
from factcheck.llm.client import Chat
from factcheck.models import Document, Problem, Usage


class Progress(NamedTuple):
    """How far a run is."""

    documents: int
    done: int
    usage: Usage
    said: str = ""
    """The newest line about a batch at the provider."""


Observer = Callable[[Progress], None]


class Observed:
    """Turns the pipeline's calls into Progress values; `odd` are batches that did not end as they should."""

    def __init__(self, observe: Observer = lambda progress: None, documents: int = 0) -> None:
        self.observe = observe
        self.state = Progress(documents, 0, Usage())
        self.odd: list[Problem] = []
        observe(self.state)

    def on_call(self, usage: Usage) -> None:
        """A call was answered; `usage` is what all took."""
        self.state = self.state._replace(usage=usage)
        self.observe(self.state)

    def on_batch(self, news: News) -> None:
        """Something became of a batch."""
        if news.is_odd:
            self.odd.append(Problem(stage="extract", code="batch", message=news.line))
        self.state = self.state._replace(said=news.line)
        self.observe(self.state)

    def on_document(self, document: Document) -> None:  # noqa: ARG002
        """A document was kept."""
        self.state = self.state._replace(done=self.state.done + 1)
        self.observe(self.state)


@contextlib.contextmanager
def interruptible(chat: Chat) -> Iterator[None]:
    """While this holds, the first Ctrl-C ends the calls but keeps what is done; a second one ends the program."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        chat.stop(ModelError("interrupted", "stopped by Ctrl-C; run it again to go on from what is done"))

    try:
        loop.add_signal_handler(signal.SIGINT, stop)
    except NotImplementedError:  # Windows: Ctrl-C raises KeyboardInterrupt as usual
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
