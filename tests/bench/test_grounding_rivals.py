"""Which corrupted quotes are taken for grounded, here and by langextract's alignment of the same words and texts."""

from __future__ import annotations

import importlib
import platform
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import pairwise
from typing import NamedTuple

import pytest

from factcheck.models import Claim, Document
from factcheck.stages.drafts import Draft, Pointer
from factcheck.stages.ground import ground
from factcheck.text.folding import fold
from factcheck.text.sentences import sentences_of
from tests.stages.test_ground import CORRUPTIONS, SPACED, sentences, typographies
from tests.support.corpus import articles

TYPOGRAPHY = "typography only"


class Case(NamedTuple):
    """Words to look for in a document, and the sentence that is named for them where a method takes one."""

    document: Document
    sentence: int
    words: str


Method = Callable[[Case], bool]


def stitched() -> Iterator[Case]:
    for document in SPACED:
        for first, second in pairwise(sentences_of(document.text, document.language)):
            a, b = document.text[first.start : first.end].split(), document.text[second.start : second.end].split()
            head, tail = " ".join(a[: len(a) // 2 + 1]), " ".join(b[len(b) // 2 :])
            for joint in (" ", " … ", " ... ", " […] "):
                yield Case(document, first.number, head + joint + tail)


def of_another_article() -> Iterator[Case]:
    for document, sentence, text in sentences():
        for other in SPACED:
            if other.id != document.id and len(text.split()) > 3 and text not in other.text:
                yield Case(other, sentence.number, text)


def typographic() -> Iterator[Case]:
    for document in articles():
        for sentence in sentences_of(document.text, document.language):
            text = document.text[sentence.start : sentence.end]
            yield from (Case(document, sentence.number, form) for form in typographies(text) if form != text)


def cases() -> dict[str, list[Case]]:
    by_kind = {
        name: [Case(document, s.number, wrong) for document, s, text in sentences() for wrong in corrupt(text)]
        for name, corrupt in CORRUPTIONS.items()
    }
    by_kind |= {"stitched from two sentences": list(stitched()), "of another article": list(of_another_article())}
    return by_kind | {TYPOGRAPHY: list(typographic())}


def ours(case: Case) -> bool:
    draft = Draft(case.document, (Pointer(case.sentence, case.words),), None, "assertion", "a topic")
    return isinstance(ground(draft), Claim)


def rivals() -> dict[str, Method]:
    """langextract's public `Resolver.align`, one quote at a time against the whole text; no model is called.

    Its README has grounded extractions picked by `char_interval`. The exact mode turns fuzzy and partial
    matches off and takes nothing but MATCH_EXACT.
    """
    pytest.importorskip("langextract", reason="langextract is not installed (pip install langextract)")
    data, resolver = (importlib.import_module(f"langextract.{name}") for name in ("data", "resolver"))

    def documented(case: Case) -> bool:
        (found,) = resolver.Resolver().align([data.Extraction("quote", case.words)], case.document.text, 0)
        return found.char_interval is not None

    def exact(case: Case) -> bool:
        (found,) = resolver.Resolver().align(
            [data.Extraction("quote", case.words)],
            case.document.text,
            0,
            enable_fuzzy_alignment=False,
            accept_match_lesser=False,
        )
        return found.alignment_status is data.AlignmentStatus.MATCH_EXACT

    return {"langextract, char_interval": documented, "langextract, MATCH_EXACT": exact}


def test_corrupted_quotes_against_langextract() -> None:
    methods: dict[str, Method] = {"factcheck": ours, **rivals()}
    tried = cases()
    accepted: dict[str, dict[str, int]] = {}
    seconds: dict[str, float] = {}
    fold.cache_clear()  # making the cases has filled these
    sentences_of.cache_clear()
    for name, accepts in methods.items():
        began = time.perf_counter()
        accepted[name] = {kind: sum(map(accepts, found)) for kind, found in tried.items()}
        seconds[name] = time.perf_counter() - began

    versions = (f"{package} {version(package)}" for package in ("factcheck", "langextract"))
    print(f"\n{', '.join(versions)}, Python {platform.python_version()}; accepted quotes:\n")
    print(f"| quotes | tried | should be accepted | {' | '.join(methods)} |")
    print(f"|---|{'---:|' * (2 + len(methods))}")
    for kind, found in tried.items():
        right = len(found) if kind == TYPOGRAPHY else 0
        print(f"| {kind} | {len(found)} | {right} | {' | '.join(str(accepted[name][kind]) for name in methods)} |")
    print(f"\nseconds: {', '.join(f'{name} {spent:.2f}' for name, spent in seconds.items())}")

    corrupted = {kind: number for kind, number in accepted["factcheck"].items() if kind != TYPOGRAPHY}
    assert not any(corrupted.values()), corrupted
