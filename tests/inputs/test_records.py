"""Tables, JSON and front matter: fields by the names that they have in the wild, and everything else said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.inputs.documents import read
from factcheck.inputs.plain import article_of
from factcheck.models import Document
from tests.support.balance import assert_balanced, words
from tests.support.reading import read_bytes

TABLES = {
    "sep line": "sep=;\r\nTitel;Datum;Text\r\nFähre;2031-11-04;Sie fährt.\r\n",
    "sep line, quoted, tab": '"sep=\t"\nTitel\tDatum\tText\nFähre\t2031-11-04\tSie fährt.\n',
    "mark and semicolons": "\ufeffTitel;Datum;Text\r\nFähre;04.11.2031;Sie fährt.\r\n",
    "pipes": "Titel|Datum|Text\nFähre|4. November 2031|Sie fährt.\n",
    "commas inside of quoted names": '"Titel";"Datum";"Text";"a, b, c, d"\nFähre;04.11.31;Sie fährt.;\n',
    "empty lines above": "\n;;\nTitel;Datum;Text\nFähre;2031/11/04;Sie fährt.\n",
    "formulas": 'Titel;Datum;Text\nFähre;"=""2031-11-04""";Sie fährt.\n',
    "more cells than names": "Titel;Datum;Text\nFähre;2031-11-04;Sie fährt.;;\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("case", TABLES)
def test_tables_are_read_as_spreadsheets_write_them(tmp_path: Path, case: str, encoding: str) -> None:
    reading = read_bytes(
        tmp_path, "a.csv", TABLES[case].removeprefix("\ufeff" * (encoding == "utf-16")).encode(encoding)
    )
    (document,) = reading.documents
    assert (document.title, document.published, document.text) == ("Fähre", "2031-11-04", "Sie fährt.")
    assert reading.problems == []


@pytest.mark.parametrize(
    ("dates", "read"),
    [
        (["03/04/2031", "17/04/2031"], ["2031-04-03", "2031-04-17"]),
        (["03/04/2031", "04/17/2031"], ["2031-03-04", "2031-04-17"]),
        (["3/4/31", "4/17/31"], ["2031-03-04", "2031-04-17"]),
        (["03-04-2031", "17-04-2031"], ["2031-04-03", "2031-04-17"]),
        (["03/04/2031", "05/06/2031"], ["2031", "2031"]),
        (["17/04/2031", "04/17/2031"], ["2031-04-17", "2031-04-17"]),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "jsonl", "json"])
def test_day_and_month_are_told_apart_by_the_column_or_said_to_be_unclear(
    tmp_path: Path, kind: str, dates: list[str], read: list[str]
) -> None:
    rows = [{"date": date, "text": f"The ferry runs {n}."} for n, date in enumerate(dates)]
    content = {
        "csv": "date,text\n" + "".join(f"{row['date']},{row['text']}\n" for row in rows),
        "jsonl": "\n".join(map(json.dumps, rows)),
        "json": json.dumps(rows),
    }[kind]
    reading = read_bytes(tmp_path, f"a.{kind}", content.encode())
    assert [document.published for document in reading.documents] == read
    unclear = sum(len(date) == 4 for date in read)
    assert [problem.code for problem in reading.problems] == ["front_matter"] * unclear
    assert all("which is the day" in problem.message for problem in reading.problems)


def test_columns_that_are_not_read_are_said(tmp_path: Path) -> None:
    content = "id,title,text,section,date\n17,Ferry,It runs.,Local news,4 November 2031\n"
    (document,) = read_bytes(tmp_path, "a.csv", content.encode()).documents
    assert [(i.kind, i.note, i.text) for i in document.left_out] == [
        ("other", "id", "17"),
        ("other", "section", "Local news"),
    ]
    assert document.fields_from == {"title": "column `title`", "published": "column `date`: 4 November 2031"}


ARTICLE = {"title": "Ferry", "date": "2031-11-04", "text": "It runs.\nAll winter."}
OBJECTS: dict[str, Any] = {
    "one": ARTICLE,
    "a list": [ARTICLE],
    "schema.org": {
        "@context": "https://schema.org",
        "headline": "Ferry",
        "datePublished": "2031-11-04T18:00:00Z",
        "articleBody": "It runs.\nAll winter.",
        "author": [{"@type": "Person", "name": "Ida Strand"}],
        "publisher": {"name": "Echo"},
        "inLanguage": "en",
    },
    "a feed": {
        "version": "1",
        "items": [{"title": "Ferry", "date_published": "2031-11-04", "content_text": ARTICLE["text"]}],
    },
    "a search": {
        "status": "ok",
        "articles": [{"title": "Ferry", "publishedAt": "2031-11-04", "content": ARTICLE["text"]}],
    },
    "wordpress": {
        "title": {"rendered": "Ferry"},
        "date": "2031-11-04T18:00:00",
        "content": {"rendered": "<p>It runs.<br>All winter.</p>", "protected": False},
    },
    "fields apart": {
        "response": {
            "content": {
                "webTitle": "Ferry",
                "webPublicationDate": "2031-11-04",
                "fields": {"bodyText": ARTICLE["text"]},
            }
        }
    },
    "elasticsearch": {"hits": {"hits": [{"_id": "1", "_source": ARTICLE}]}},
    "seconds": ARTICLE | {"date": 1951545600},
    "thousandths": ARTICLE | {"date": 1951545600000},
    "paragraphs": ARTICLE | {"text": ["It runs.\nAll winter."]},
}


@pytest.mark.parametrize("case", OBJECTS)
def test_json_articles_are_read_from_what_services_wrap_around_them(tmp_path: Path, case: str) -> None:
    reading = read_bytes(tmp_path, "a.json", json.dumps(OBJECTS[case]).encode())
    assert reading.problems == []
    (document,) = reading.documents
    assert (document.title, document.published, document.text) == ("Ferry", "2031-11-04", "It runs.\nAll winter.")


def test_lines_of_json_are_read_whatever_their_file_is_called(tmp_path: Path) -> None:
    content = "\n".join(json.dumps(ARTICLE | {"title": f"Ferry {n}"}) for n in range(3))
    assert [d.title for d in read_bytes(tmp_path, "a.json", content.encode()).documents] == [
        "Ferry 0",
        "Ferry 1",
        "Ferry 2",
    ]


def test_the_moments_of_a_transcript_in_json_are_marks(tmp_path: Path) -> None:
    segments = [{"start": 0.0, "text": " It runs."}, {"start": 2.5, "text": " All winter."}]
    content = json.dumps({"text": "It runs. All winter.", "segments": segments})
    (document,) = read_bytes(tmp_path, "a.json", content.encode()).documents
    assert document.text == "It runs. All winter."
    assert [(mark.start, mark.time) for mark in document.marks] == [(0, "00:00:00.000"), (9, "00:00:02.500")]


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        ('{"a": 1}', "columns", "its fields are: a"),
        ("[1, 2]", "columns", "holds no article"),
        ("{", "damaged", "line 1"),
        ("[" * 100_000, "bomb", "nested"),
        ('{"text": ' + '[{"a": ' * 900 + "1" + "}]" * 900 + "}", "bomb", "nested"),
    ],
)
def test_json_without_an_article_is_refused_in_one_line(tmp_path: Path, content: str, code: str, says: str) -> None:
    (problem,) = read_bytes(tmp_path, "a.json", content.encode()).problems
    assert (problem.code, says in problem.message) == (code, True)


def test_a_row_that_is_nested_without_end_ends_nothing(tmp_path: Path) -> None:
    deep = '{"text": "It runs.", "author": ' + "[" * 900 + '"Ida"' + "]" * 900 + "}"
    reading = read_bytes(tmp_path, "a.jsonl", f'{deep}\n{{"text": "All winter."}}\n'.encode())
    assert [document.text for document in reading.documents] == ["It runs.", "All winter."]


HEADS = {
    "yaml, other names": "---\nheadline: Ferry\ndate: 2031-11-04\nbyline: Ida Strand\nsource: The Echo\n"
    "lang: en\n---\n",
    "yaml, a compact date": "---\ntitle: Ferry\npublished: 20311104\nauthor: Ida Strand\npublisher: The Echo\n"
    "language: en\n---\n",
    "yaml, lists": "---\nTitle: Ferry\nPublish-Date: 4 November 2031\nauthors:\n  - Ida Strand\noutlet: The Echo\n"
    "lang: en\n---\n",
    "yaml, objects": "---\ntitle: Ferry\ndate: 2031-11-04 18:00\nauthor:\n  name: Ida Strand\nsite: The Echo\n"
    "lang: en\n---\n",
    "toml": '+++\ntitle = "Ferry"\ndate = 2031-11-04T18:00:00Z\nauthors = ["Ida Strand"]\nsource = "The Echo"\n'
    'lang = "en"\n+++\n',
    "toml, a day": '+++\ntitle = "Ferry"\ndate = 2031-11-04\nauthor = "Ida Strand"\npublisher = "The Echo"\n'
    'lang = "en"\n+++\n',
    "german": "---\nTitel: Ferry\nDatum: 04.11.2031\nAutor: Ida Strand\nQuelle: The Echo\nSprache: en\n---\n",
}


@pytest.mark.parametrize("case", HEADS)
def test_front_matter_is_read_under_the_names_that_it_has(tmp_path: Path, case: str) -> None:
    reading = read_bytes(tmp_path, "a.md", f"{HEADS[case]}\nIt runs.\n".encode())
    assert reading.problems == []
    (document,) = reading.documents
    fields = (document.title, document.published, document.author, document.publisher, document.language)
    assert fields == ("Ferry", "2031-11-04", "Ida Strand", "The Echo", "en")
    assert document.text == "It runs."


def test_fields_that_are_not_known_are_named(tmp_path: Path) -> None:
    head = "---\ntitle: Ferry\nlayout: post\ntags: [ferry, winter]\n---\n"
    reading = read_bytes(tmp_path, "a.md", f"{head}It runs.".encode())
    (problem,) = reading.problems
    assert (problem.code, "`layout`, `tags`" in problem.message, problem.leaves_undone) == (
        "unknown_field",
        True,
        False,
    )
    assert [(i.note, i.text) for i in reading.documents[0].left_out] == [("layout", "post"), ("tags", "ferry, winter")]


def test_a_source_that_is_an_address_is_where_the_article_came_from(tmp_path: Path) -> None:
    (document,) = read_bytes(tmp_path, "a.md", b"---\nsource: https://echo.example/ferry\n---\nIt runs.").documents
    assert (document.url, document.publisher) == ("https://echo.example/ferry", None)


def test_an_unclear_date_keeps_its_year_and_is_said(tmp_path: Path) -> None:
    reading = read_bytes(tmp_path, "a.md", b"---\ndate: 03/04/2031\n---\nIt runs.")
    assert reading.documents[0].published == "2031"
    assert ["which is the day" in problem.message for problem in reading.problems] == [True]


def test_documents_with_dates_of_all_kinds_are_in_order(tmp_path: Path) -> None:
    for name, date in (("a", "20310304"), ("b", "20.1.2032"), ("c", "November 20, 2031")):
        (tmp_path / f"{name}.md").write_text(f"---\npublished: {date}\n---\nIt runs {name}.", encoding="utf-8")
    found = sorted(read([tmp_path]).documents, key=lambda document: document.published or "")
    assert [document.text[-2] for document in found] == ["a", "c", "b"]


@pytest.mark.parametrize(
    ("source", "text", "struck"),
    [
        ("~~Nine~~ eight crossings.", "eight crossings.", ["Nine"]),
        ("It <del>is cut</del> runs.", "It runs.", ["is cut"]),
        ("It ~~is~~ ~~was~~ runs.", "It runs.", ["is", "was"]),
        ("~~~\ncode\n~~~\nIt runs ~ 9 ~~ 10.", "~~~\ncode\n~~~\nIt runs ~ 9 ~~ 10.", []),
        ("`~~x~~` **never** [runs](https://a.example).", "`~~x~~` **never** [runs](https://a.example).", []),
    ],
)
def test_what_markdown_strikes_is_left_out_and_all_other_marks_stay(
    tmp_path: Path, source: str, text: str, struck: list[str]
) -> None:
    reading = read_bytes(tmp_path, "a.md", source.encode())
    (document,) = reading.documents
    assert document.text == text
    assert [item.text for item in document.left_out] == struck
    assert [problem.code for problem in reading.problems] == ["struck_text"] * bool(struck)


def test_words_of_markdown_are_read_or_left_out(tmp_path: Path) -> None:
    source = "# Ferry\n\nIt ~~never~~ runs.<!-- a note to the desk -->\n\n* nine _crossings_\n"
    assert_balanced(source, *read_bytes(tmp_path, "a.md", source.encode()).documents)


WORDS = st.lists(
    st.sampled_from(["ferry", "runs", "all", "winter", "nine", "crossings", "board"]), min_size=1, max_size=6
).map(" ".join)
ROW = st.fixed_dictionaries({"title": WORDS, "text": WORDS, "section": WORDS, "author": WORDS})


@given(st.lists(ROW, min_size=1, max_size=5))
def test_words_of_records_are_fields_text_or_left_out(rows: list[dict[str, str]]) -> None:
    from factcheck.inputs.article import Article, Original
    from factcheck.inputs.objects import read_json
    from factcheck.inputs.tables import read_csv, read_jsonl

    csv = "\n".join([";".join(rows[0]), *(";".join(row.values()) for row in rows)])
    expected = words(" ".join(value for row in rows for value in row.values()))
    for found in (
        read_csv(Original("a.csv", csv.encode())),
        read_jsonl(Original("a.jsonl", "\n".join(map(json.dumps, rows)).encode())),
        read_json(Original("a.json", json.dumps(rows).encode())),
    ):
        total = words("")
        for article in found:
            assert isinstance(article, Article)
            total += words(" ".join([article.text, *(value or "" for value in article.fields.values())]))
            total += words(" ".join(item.text for item in article.left_out))
        assert total == expected


@given(WORDS, st.dictionaries(st.sampled_from(["title", "mood", "tags", "weather"]), WORDS, min_size=1))
def test_words_of_front_matter_are_fields_or_left_out(text: str, head: dict[str, str]) -> None:
    source = "---\n" + "".join(f"{name}: {value}\n" for name, value in head.items()) + f"---\n{text}\n"
    article = article_of(source)
    kept = [article.text, article.fields.get("title") or "", *(item.text for item in article.left_out)]
    assert words(" ".join(kept)) == words(" ".join([text, *head.values()]))


def test_a_document_says_where_its_fields_came_from() -> None:
    from factcheck.inputs.documents import document_from_text

    document: Document = document_from_text("---\ndate: 4.11.2031\n---\nIt runs.")
    assert document.fields_from == {"published": "front matter `date`: 4.11.2031"}
