"""Accounts of web pages balance: what was read and what was left out together are the words of the original."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factcheck.inputs.accounts import words_of
from factcheck.inputs.article import Article, Original
from factcheck.inputs.pages import read_html
from factcheck.originals import LeftOut
from tests.support.pages import CORRECTIONS, DATED, LINES, LIVE, SEVERAL
from tests.support.reading import EXPECTED, FIXTURES
from tests.support.reading import words_of as paragraphs_of

NOT_SHOWN = {"head", "script", "style", "title"}
INLINE = {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "ins", "kbd", "label", "mark", "q",
          "rb", "ruby", "small", "span", "strong", "sub", "time", "u", "var", "wbr", "sup"}  # fmt: skip
WIDE = re.compile("[\u3040-\u30ff\u3100-\u9fff]")
APART = {"del", "s", "strike", "rt", "rp", "rtc"}


def words(text: str) -> Counter[str]:
    """How often each word occurs; scripts that put no spaces between words are counted by their characters."""
    return Counter(words_of(WIDE.sub(r" \g<0> ", unicodedata.normalize("NFKC", text))))


def shown(tree: Any) -> Iterator[str]:
    """The text of a page by another parser, with a space wherever a line, a note or a struck stretch begins or ends."""
    name = tree.tag if isinstance(tree.tag, str) else None
    if name is not None and name not in NOT_SHOWN:
        is_apart = name not in INLINE or name in APART or (name == "sup" and not _is_power(tree))
        yield " " if is_apart else ""
        yield tree.text or ""
        for child in tree:
            yield from shown(child)
        yield " " if is_apart else ""
    yield tree.tail or ""


def _is_power(tree: Any) -> bool:
    text = "".join(tree.itertext()).strip()
    return text in {"st", "nd", "er", "TM", "6", "-3", "2+"} or (
        text == "2" and tree.tail is not None and "berths" not in tree.tail
    )


def accounted(article: Article) -> Counter[str]:
    return words(article.text) + words(" ".join(item.text for item in article.left_out if item.note != "comment"))


def articles(content: bytes) -> list[Article]:
    found = read_html(Original("a.html", content, "text/html"))
    return [part for part in found if isinstance(part, Article)]


FILES = {
    name: (FIXTURES / name).read_bytes() for name in EXPECTED if name.endswith(".html") and EXPECTED[name]["documents"]
}
FILES |= {name: source.encode() for name, (source, _) in {**LINES, **LIVE}.items()}
FILES |= {f"correction, {name}": source.encode() for name, (source, _, _) in CORRECTIONS.items()}
FILES |= {f"dated, {name}": source.encode() for name, (source, _, _) in DATED.items()}
FILES |= {f"several, {name}": source.encode() for name, source in SEVERAL.items()}


@pytest.mark.parametrize("name", FILES)
def test_all_words_of_a_page_are_in_its_account(name: str) -> None:
    tree = html5lib.parse(FILES[name], transport_encoding="utf-8", namespaceHTMLElements=False)
    expected = words("".join(shown(tree)))
    for article in articles(FILES[name]):
        assert accounted(article) == expected
        _check_places(article)


def test_the_accounts_are_many() -> None:
    total = sum(
        sum(words("".join(shown(html5lib.parse(f, transport_encoding="utf-8", namespaceHTMLElements=False)))).values())
        for f in FILES.values()
    )
    assert len(FILES) >= 90
    assert total >= 7_500


def _check_places(article: Article) -> None:
    places = [item.at for item in article.left_out]
    assert all(0 <= at <= len(article.text) for at in places)
    assert places == sorted(places)


# Generated pages: every word is used once, so that it can be told where it went.


class Builder:
    """Builds a page out of words that are all different."""

    def __init__(self) -> None:
        self.visible: list[str] = []
        self.hidden: list[str] = []
        self.count = 0

    def words(self, number: int, *, hidden: bool = False) -> str:
        made = []
        for _ in range(number):
            self.count += 1
            made.append("w" + "".join(chr(97 + int(d)) for d in str(self.count)))
        (self.hidden if hidden else self.visible).extend(made)
        return " ".join(made)


INLINES: dict[str, Callable[[Builder], str]] = {
    "plain": lambda b: b.words(5),
    "link": lambda b: f"<a href='/x'>{b.words(3)}</a>",
    "bold": lambda b: f"<b>{b.words(1)}</b>, <i>{b.words(2)}</i>",
    "struck": lambda b: f"<del>{b.words(2)}</del> {b.words(1)}",
    "note": lambda b: f"{b.words(2)}<sup>[{b.words(1)}]</sup>",
    "ruby": lambda b: f"<ruby>{b.words(1)}<rp>(</rp><rt>{b.words(1)}</rt><rp>)</rp></ruby>",
    "quotation": lambda b: f"<q>{b.words(4)}</q>",
    "hidden": lambda b: f"<span hidden>{b.words(3, hidden=True)}</span>",
    "tiny": lambda b: f"<span style='font-size:0'>{b.words(3, hidden=True)}</span>",
    "break": lambda b: f"{b.words(2)}<br>{b.words(2)}",
    "comment": lambda b: f"<!-- remark --> {b.words(2)}",
}
BLOCKS: dict[str, Callable[[Builder, Callable[[], str]], str]] = {
    "paragraph": lambda b, inline: f"<p>{b.words(8)} {inline()} {b.words(6)}. {inline()}.</p>",
    "heading": lambda b, inline: f"<h2>{b.words(4)}</h2>",
    "list": lambda b, inline: f"<ul><li>{b.words(4)} {inline()}<li>{b.words(9)}</ul>",
    "table": lambda b, inline: f"<table><tr><td>{b.words(2)}<td>{inline()} {b.words(1)}<tr><td>{b.words(3)}</table>",
    "aside": lambda b, inline: f"<aside><p>{b.words(7)} {inline()}</p></aside>",
    "menu": lambda b, inline: f"<nav><a href='/a'>{b.words(2)}</a><a href='/b'> {b.words(1)}</a></nav>",
    "figure": lambda b, inline: f"<figure><img src='a'><figcaption>{b.words(6)} {inline()}</figcaption></figure>",
    "comments": lambda b, inline: f"<div class='comments'><p>{b.words(9)} {inline()}</p></div>",
    "hidden": lambda b, inline: f"<div style='display:none'><p>{b.words(5, hidden=True)}.</p></div>",
    "loose": lambda b, inline: f"<div>{b.words(3)}<p>{inline()} {b.words(8)}.</p>{b.words(2)}</div>",
    "quote": lambda b, inline: f"<blockquote><p>{b.words(12)}. {inline()}</p></blockquote>",
    "button": lambda b, inline: f"<button>{b.words(1)}</button><form><label>{b.words(2)}</label><input></form>",
    "live": lambda b, inline: "".join(
        f"<div class='post'><time>{b.words(1)}</time><p>{b.words(14)}. {inline()}</p></div>" for _ in range(2)
    ),
    "footnotes": lambda b, inline: f"<ol class='footnotes'><li>{b.words(6)} {inline()}</ol>",
    "article": lambda b, inline: f"<article><h2><a href='/o'>{b.words(4)}</a></h2><p>{b.words(12)}.</p></article>",
}  # fmt: skip
PLAN = st.lists(
    st.tuples(st.sampled_from(sorted(BLOCKS)), st.lists(st.sampled_from(sorted(INLINES)), min_size=2, max_size=2)),
    max_size=9,
)


@settings(max_examples=150, deadline=None)
@given(PLAN, PLAN, st.sampled_from(["en", "ja", "de"]))
def test_every_word_of_a_generated_page_is_read_or_left_out_once(inside: Any, after: Any, language: str) -> None:
    builder = Builder()

    def inline(queue: list[str]) -> str:
        return INLINES[queue.pop()](builder) if queue else builder.words(1)

    def built(plan: Any) -> str:
        parts = []
        for name, inlines in plan:
            parts.append(BLOCKS[name](builder, partial(inline, list(inlines))))
        return "".join(parts)

    fixed = "".join(f"<p>{text}</p>" for text in paragraphs_of("en"))
    content = (
        f"<!doctype html><html lang={language}><head><meta charset=utf-8><title>Title</title></head>"
        f"<body><main><article><h1>Ferries</h1>"
        f"{fixed}{built(inside)}</article></main>{built(after)}</body></html>"
    )
    for article in articles(content.encode()):
        made = words(" ".join(paragraphs_of("en")) + " Ferries")
        hidden = [item for item in article.left_out if item.kind == "hidden"]
        assert words(_text(hidden)) == Counter(builder.hidden) + Counter(
            {"remark": content.count("remark")} if "remark" in content else {}
        )
        left_out = [item for item in article.left_out if item.kind != "hidden"]
        assert words(article.text) + words(_text(left_out)) == Counter(builder.visible) + made
        _check_places(article)


def _text(items: list[LeftOut]) -> str:
    return " ".join(item.text for item in items)
