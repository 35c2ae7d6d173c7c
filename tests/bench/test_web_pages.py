"""How much of articles is read, and how much else, beside trafilatura and readability alone.

The second table needs a folder with the evaluation pages of trafilatura's repository (`tests/` there, with
`evaldata.json`, `cache` and `eval`): FACTCHECK_WEB_PAGES=/path/to/tests make bench
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from multiprocessing import Pool
from pathlib import Path
from typing import Any, NamedTuple

import lxml.html
import pytest
import trafilatura

from factcheck.inputs.accounts import words_of
from factcheck.inputs.article import Article, Original, UnreadableError
from factcheck.inputs.pages import decoded_page, read_html
from tests.support.pages import AFTER, BEFORE, LINES, LIVE, UPDATES
from tests.support.reading import EXPECTED, FIXTURES

FOLDER = os.environ.get("FACTCHECK_WEB_PAGES")
MIN_F1 = 0.93
MAX_HIDDEN = 0.03
"""Share of pages that are said to hide text."""

LEFT_BEHIND = {"ordnungsrausch.com", "homify.de", "sprechblase.wordpress.com"}
"""Pages of which trafilatura reads what is no article: the hidden toolbar of a web archive, data for machines that the
page does not show, buttons below a post of 38 words."""


class Page(NamedTuple):
    """A page, and the words of its article."""

    content: bytes
    article: str


def _own() -> dict[str, Page]:
    pages = {}
    for name, expected in EXPECTED.items():
        if name.endswith(".html") and expected["documents"]:
            (document,) = expected["documents"]
            pages[name] = Page(
                (FIXTURES / name).read_bytes(), " ".join((document.get("title") or "", *document["holds"]))
            )
    for name, (source, line) in LINES.items():
        pages[name] = Page(source.encode(), f"Harbour board meets {BEFORE} {line} {AFTER}")
    for name, (source, time) in LIVE.items():
        updates = " ".join(f"{time.format(clock)} Storm {words}" for clock, words in UPDATES.items())
        pages[f"live, {name}"] = Page(source.encode(), f"Harbour board meets {BEFORE} {updates} {AFTER}")
    return pages


def factcheck(content: bytes) -> str:
    try:
        return "\n".join(p.text for p in read_html(Original("a.html", content, "text/html")) if isinstance(p, Article))
    except UnreadableError:
        return ""


def alone(content: bytes) -> str:
    return trafilatura.extract(content, include_comments=False) or ""


def readability(content: bytes) -> str:
    document = pytest.importorskip("readability").Document(decoded_page(content, None))
    return f"{document.short_title()} {lxml.html.fromstring(document.summary()).text_content()}"


READERS: Mapping[str, Callable[[bytes], str]] = {
    "factcheck": factcheck,
    "trafilatura": alone,
    "readability": readability,
}


def _words(text: str) -> Counter[str]:
    wide = re.sub("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]", r" \g<0> ", unicodedata.normalize("NFC", text))
    return Counter(words_of(wide.replace("\u00ad", "")))


def test_words_of_our_own_pages() -> None:
    print()
    scores = {}
    for name, reader in READERS.items():
        found = expected = shared = 0
        for page in _own().values():
            read, article = _words(reader(page.content)), _words(page.article)
            found, expected, shared = (
                found + read.total(),
                expected + article.total(),
                shared + (read & article).total(),
            )
        scores[name] = (shared / expected, shared / found)
        print(
            f"{name:<12} recall {scores[name][0]:.3f}  precision {scores[name][1]:.3f}  "
            f"({len(_own())} pages, {expected:,} words)"
        )
    assert scores["factcheck"] == tuple(map(max, zip(*scores.values(), strict=True)))
    assert min(scores["factcheck"]) >= 0.98


class Result(NamedTuple):
    """How a page of the set was read: text, what trafilatura reads, and the codes of notes."""

    name: str
    ours: str
    theirs: str
    codes: tuple[str, ...]


def _read(task: tuple[str, str]) -> Result:
    url, path = task
    content = Path(path).read_bytes()
    codes: tuple[str, ...] = ()
    try:
        parts = [p for p in read_html(Original(url, content, "text/html", None, url)) if isinstance(p, Article)]
        codes = tuple(code for part in parts for code, _ in part.notes)
    except UnreadableError as error:
        parts, codes = [], (error.code,)
    return Result(url, _plain("\n".join(part.text for part in parts)), _plain(alone(content)), codes)


def _plain(text: str) -> str:
    return " ".join(text.replace("\u00ad", "").split())


def _f1(texts: Mapping[str, str], chunks: Mapping[str, Any]) -> float:
    right = wrong = missed = 0
    for url, item in chunks.items():
        kept = sum(_plain(chunk) in texts[url] for chunk in item["with"])
        right, missed = right + kept, missed + len(item["with"]) - kept
        wrong += sum(_plain(chunk) in texts[url] for chunk in item["without"])
    return 2 * right / (2 * right + wrong + missed)


@pytest.mark.skipif(FOLDER is None, reason="FACTCHECK_WEB_PAGES names no folder of pages")
def test_words_of_real_pages() -> None:
    folder = Path(FOLDER or "")
    chunks = json.loads((folder / "evaldata.json").read_text(encoding="utf-8"))
    tasks = [
        (url, str(next(p for kind in ("cache", "eval") if (p := folder / kind / item["file"]).is_file())))
        for url, item in sorted(chunks.items())
    ]
    with Pool(2) as pool:
        results = pool.map(_read, tasks, chunksize=8)
    ours = _f1({r.name: r.ours for r in results}, chunks)
    theirs = _f1({r.name: r.theirs for r in results}, chunks)
    short = [r.name for r in results if _words(r.ours).total() < _words(r.theirs).total() / 2]
    codes = Counter(code for r in results for code in set(r.codes))
    print(
        f"\n{len(results)} pages: F1 {ours:.3f}, trafilatura alone {theirs:.3f}; "
        f"less than half of what it reads: {short}"
    )
    print(f"hidden_text on {codes['hidden_text']}, begins_hidden on {codes['begins_hidden']} ({dict(codes)})")
    assert ours >= max(MIN_F1, theirs)
    assert codes["hidden_text"] <= MAX_HIDDEN * len(results)
    assert all(any(known in name for known in LEFT_BEHIND) for name in short)
