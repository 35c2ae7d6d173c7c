"""Reports in Markdown, rendered by GitHub's own fork of cmark: nothing of what articles say becomes markup."""

from __future__ import annotations

import re

import cmarkgfm
from cmarkgfm.cmark import Options
from lxml import html

import factcheck
from tests.outputs.test_hostile import made_of, strings

OURS = {"h1", "h2", "h3", "h4", "p", "ul", "li", "strong", "em", "code", "blockquote", "br", "div", "body", "html"}
"""What a report is made of; no link, picture, table, rule, struck or numbered text is among it."""

REFERENCE = re.compile(r"\bGH-\d+|@\w|#\d|:smile:|:100:|\ba1b2c3d4e5f6\b|[\u200b\u2060\ufeff]")


def rendered(text: str) -> html.HtmlElement:
    """A page as a code host makes it, with raw HTML let through."""
    page = cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES)
    return html.fromstring(f"<div>{page}</div>")


def test_markup_would_be_seen() -> None:
    page = rendered("1. a <b>x</b> www.evil.example ~~b~~\n\n|a|\n|-|\n|b|\n")
    assert {"ol", "b", "a", "del", "table"} <= {e.tag for e in page.iter()}


def test_reports_hold_no_markup_but_their_own() -> None:
    page = rendered(factcheck.render(made_of(strings()), "markdown"))
    assert {str(e.tag) for e in page.iter()} <= OURS
    assert [e.attrib for e in page.iter() if e.attrib] == []
    for code in page.xpath("//code"):
        code.text = ""
    assert REFERENCE.findall(page.text_content()) == []
