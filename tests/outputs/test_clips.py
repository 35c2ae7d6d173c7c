"""A finding that is copied says what it is, in whose words, from where; and does nothing where it is pasted."""

from __future__ import annotations

import json
from pathlib import Path

import html5lib
import pytest
from markdown_it import MarkdownIt

import factcheck
from factcheck.models import Report
from factcheck.outputs import words
from factcheck.outputs.clips import Clip, clip, clips
from factcheck.outputs.page import anchors
from tests.support.reports import article, bills, claim, finding, report

NASTY = 'He paid <script>alert(1)</script> [x](https://evil.example) ![y](z) "&amp; left'


@pytest.fixture
def made(tmp_path: Path) -> Report:
    return bills(tmp_path)


def of(shown: Report, number: int) -> Clip:
    return clip(shown, shown.findings[number], words.answers_in(shown))


SHOWN = (
    "Ann Roe", "I have paid the bill", "she has not paid the bill yet", "First it was paid, then not.",
    "There may be two bills.", "https://example.org/ann.md", "https://example.org/ben.md",
    "accepted by Kim Oda on 2026-01-03", "Both calls confirmed.", "63 days apart",
)  # fmt: skip


def test_each_form_has_both_quotes_their_speakers_sources_and_state(made: Report) -> None:
    for form in of(made, 0):
        text = form.replace("\\", "").replace("`", "")
        for wanted in (*SHOWN, made.findings[0].id):
            assert wanted in text, wanted


def test_an_accusation_is_copied_with_its_speaker_and_the_answer_to_it(made: Report) -> None:
    for form in of(made, 1):
        assert form.index("Ben Ito") < form.index("accusation against Ann Roe") < form.index("answers (The Echo)")
        assert "She denies it." in form


def test_what_an_article_says_does_nothing_where_it_is_pasted() -> None:
    document = article(NASTY, title="<b>T</b> *x*", publisher="P_a_per", url="javascript:alert(1)")
    claims = [claim(document, NASTY, speaker="A <i>B</i>"), claim(document, "left", speaker="[C](http://c.example)")]
    shown = report([document], claims, [finding(claims[0], claims[1], explanation="</script><img src=x>")])
    pasted = of(shown, 0)
    tokens = [t for block in MarkdownIt().parse(pasted.markdown) for t in (block, *(block.children or ()))]
    assert not {"link_open", "image", "html_inline", "html_block"} & {token.type for token in tokens}
    tree = html5lib.parse(pasted.html, namespaceHTMLElements=False)
    assert {e.tag for e in tree.iter()} == {"html", "head", "body", "p", "b", "br", "blockquote"}
    assert "<" not in clips(shown)
    assert json.loads(clips(shown)) == [pasted._asdict()]
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(factcheck.render(shown, "html"))
    assert [e.get("type") for e in page.iter("script")] == ["application/json", None]


def test_anchors_are_ids_and_never_twice_the_same() -> None:
    assert anchors("f", ["f-1a", "f-1a", "findings", 'f-"x', "f-b_2"]) == ["f-1a", "f2", "f3", "f4", "f-b_2"]
