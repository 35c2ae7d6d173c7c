"""Web pages as desks meet them: quotations, struck words, notes, readings, live blogs, corrections, dates."""

from __future__ import annotations

from pathlib import Path

import pytest

from factcheck.inputs.documents import Reading
from factcheck.models import Document
from tests.support.pages import (
    AFTER,
    BEFORE,
    CORRECTIONS,
    DATED,
    KINDS,
    LACKS,
    LINES,
    LIVE,
    LONG,
    SEVERAL,
    UPDATES,
    page,
)
from tests.support.reading import assert_exact, flat, read_together


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reading]:
    """All pages of this file, read in one go."""
    pages = {name: source for name, (source, _) in LINES.items()}
    pages |= {f"correction, {name}": source for name, (source, _, _) in CORRECTIONS.items()}
    pages |= {f"live, {name}": source for name, (source, _) in LIVE.items()}
    pages |= {f"dated, {name}": source for name, (source, _, _) in DATED.items()}
    pages |= {f"several, {name}": source for name, source in SEVERAL.items()}
    files = {name: ("a.html", source.encode()) for name, source in pages.items()}
    return read_together(tmp_path_factory.mktemp("pages"), files)


def only(reading: Reading) -> Document:
    (document,) = reading.documents
    assert reading.problems == []
    return document


@pytest.mark.parametrize("name", LINES)
def test_words_are_read_as_they_are_shown(readings: dict[str, Reading], name: str) -> None:
    document = only(readings[name])
    assert LINES[name][1] in document.text.split("\n")
    assert BEFORE in document.text
    assert AFTER in document.text
    for words in LACKS.get(name, ()):
        assert words not in document.text
    if name in KINDS:
        kind, expected = KINDS[name]
        assert [item.text for item in document.left_out if item.kind == kind] == expected


def test_what_was_left_out_is_placed_where_it_stood(readings: dict[str, Reading]) -> None:
    document = only(readings["note behind a number"])
    marks = {item.text: document.text[: item.at] for item in document.left_out if item.kind == "note_mark"}
    assert marks["1"].endswith("It earned more.")
    assert marks["2"].endswith("It has 12")
    assert_exact([document])


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_correction_is_read_and_tied_to_what_it_corrects(readings: dict[str, Reading], name: str) -> None:
    _, begins, corrected = CORRECTIONS[name]
    document = only(readings[f"correction, {name}"])
    (found,) = document.corrections
    assert document.text[found.start : found.end].startswith(begins)
    if not corrected:
        assert found.corrected_start is None
        return
    assert found.corrected_start is not None
    assert document.text[found.corrected_start : found.corrected_end] == corrected


def test_an_article_about_corrections_corrects_nothing(readings: dict[str, Reading]) -> None:
    assert all(not only(readings[name]).corrections for name in LINES)


@pytest.mark.parametrize("name", LIVE)
def test_each_update_of_a_live_blog_stands_below_its_time(readings: dict[str, Reading], name: str) -> None:
    document = only(readings[f"live, {name}"])
    text = document.text
    places = [text.index(LIVE[name][1].format(time)) for time in UPDATES]
    words = [text.index(update) for update in UPDATES.values()]
    assert [place for pair in zip(places, words, strict=True) for place in pair] == sorted([*places, *words])


@pytest.mark.parametrize("name", DATED)
def test_a_date_is_the_page_s_own_and_its_source_is_told(readings: dict[str, Reading], name: str) -> None:
    _, date, source = DATED[name]
    document = only(readings[f"dated, {name}"])
    assert (document.published, document.fields_from.get("published", "")) == (date, source)


@pytest.mark.parametrize("name", ["a list", "a list under a heading"])
def test_each_article_of_a_list_is_a_document_with_its_own_title_and_date(
    readings: dict[str, Reading], name: str
) -> None:
    reading = readings[f"several, {name}"]
    found = [(document.title, document.published) for document in reading.documents]
    assert found == [("The quay", "2024-03-04"), ("The ferry", "2024-03-05"), ("The bridge", "2024-03-06")]
    for document, words in zip(reading.documents, LONG.values(), strict=True):
        assert words in document.text
        assert not any(other in document.text for other in LONG.values() if other != words)
        assert "article" in {item.kind for item in document.left_out}


def test_an_article_is_read_without_those_below_it(readings: dict[str, Reading]) -> None:
    document = only(readings["several, one, and others below"])
    assert document.title == "The pier opens"
    assert BEFORE in document.text
    assert [item.kind for item in document.left_out if LONG[5] in item.text] == ["article"]


def test_announcements_and_sections_are_no_articles_of_their_own(readings: dict[str, Reading]) -> None:
    announced = only(readings["several, one, and announcements"])
    assert "article" not in {item.kind for item in announced.left_out}
    whole = only(readings["several, sections of one"])
    assert all(words in whole.text for words in LONG.values())


@pytest.mark.parametrize("name", ["teaser-text", "article__lead", "intro", "standfirst", ""])
def test_the_lede_between_title_and_article_is_read(tmp_path: Path, name: str) -> None:
    lede = "Tollmere keeps its old quay: after four hours of talk the board refused to lease it to anybody."
    source = page("").replace("</h1>", f'</h1><div class="{name}"><p>{lede}</p></div>')
    (reading,) = read_together(tmp_path, {"a": ("a.html", source.encode())}).values()
    assert lede in flat(only(reading).text)
