"""The library as programs and notebooks use it: sources of every kind, views, frames, streams, a ledger by its name."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest

import factcheck
from factcheck.models import Rows
from factcheck.outputs.tables import COLUMNS
from tests.support.pier import JULY, JUNE, stubborn
from tests.support.scripted import transport

ROOT = Path(__file__).parent.parent
SETTINGS = factcheck.load_settings(model="m", base_url="http://127.0.0.1:9/v1", use_cache=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, day, text in (("june.md", "2024-06-01", JUNE), ("july.md", "2024-07-01", JULY)):
        head = f"---\ntitle: Pier\npublisher: Echo\npublished: {day}\n---\n"
        (tmp_path / name).write_text(head + text, encoding="utf-8")
    return tmp_path


def check(sources: Any = None, **options: Any) -> factcheck.Report:
    return factcheck.check(sources, settings=SETTINGS, transport=transport(stubborn), **options)


@pytest.fixture
def report(folder: Path) -> factcheck.Report:
    return check(folder)


def test_one_source_or_several_of_every_kind(folder: Path) -> None:
    june = factcheck.document_from_text(JUNE, published="2024-06-01")
    for sources in (str(folder), folder, [folder / "june.md", str(folder / "july.md")], folder.glob("*.md")):
        assert len(check(sources).documents) == 2
    assert len(check(str(folder / "june.md")).documents) == 1
    assert check(june).documents == (june,)
    assert len(check([june, june]).documents) == 1
    assert check(text=JUNE).documents[0].text == JUNE
    assert len(check([june], text=JULY).documents) == 2
    assert len(factcheck.read(str(folder)).documents) == 2
    assert factcheck.read([june, folder / "july.md"]).documents[0] is june


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (7, "of type int"),
        (b"june.md", "of type bytes"),
        ({"june.md": 1}, "of type dict"),
        ([7], "source 1 is of type int"),
        (["june.md", None], "source 2 is of type NoneType"),
        ("", "is empty"),
        ([" "], "source 1 is empty"),
        (JUNE + "\n" + JULY, "text="),
        ([], "nothing to read"),
        (None, "nothing to read"),
    ],
)
def test_what_is_no_source_is_refused_before_anything_is_asked(sources: Any, said: str) -> None:
    with pytest.raises(factcheck.UsageError, match=said):
        check(sources)


def test_a_string_is_never_taken_letter_by_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for letter in "artcles.md":
        Path(letter).write_text("A folder of letters.") if letter != "." else None
    with pytest.raises(factcheck.UsageError, match=r"articles/a\.md: there is no such file"):
        check("articles/a.md")


@pytest.mark.parametrize("name", ["record", "replay", "snapshot"])
def test_folders_are_paths_or_strings(folder: Path, name: str) -> None:
    with pytest.raises(factcheck.UsageError, match=f"{name} is 7; give the path of a folder"):
        check(folder, **{name: 7})


def test_record_and_replay_take_strings(folder: Path) -> None:
    tape = str(folder / "tape")
    kept = check(folder, record=tape)
    assert factcheck.check(folder, settings=SETTINGS, replay=tape).findings == kept.findings


def test_a_missing_file_raises_unless_it_is_to_be_reported(folder: Path) -> None:
    seen: list[Any] = []
    sources: list[str | Path] = [folder / "june.md", "gone.md"]
    with pytest.raises(factcheck.UsageError, match=r"gone\.md"):
        factcheck.check(sources, settings=SETTINGS, transport=transport(stubborn, seen))
    assert not seen
    made = check(sources, errors="report")
    assert [p.code for p in made.problems] == ["missing"]
    assert len(made.claims) == 1


def test_a_missing_key_raises_unless_it_is_to_be_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    settings = factcheck.load_settings(model="m", base_url="https://api.example/v1", use_cache=False)
    with pytest.raises(factcheck.ModelError, match="OPENAI_API_KEY") as raised:
        factcheck.check(folder, settings=settings)
    assert raised.value.code == "no_key"
    made = factcheck.check(folder, settings=settings, errors="report")
    assert {p.code for p in made.problems} == {"no_key"}


def test_check_works_where_a_loop_runs(folder: Path) -> None:
    async def in_a_notebook() -> factcheck.Report:
        return check(folder)

    assert asyncio.run(in_a_notebook()).findings == check(folder).findings


def test_an_error_comes_through_where_a_loop_runs() -> None:
    async def in_a_notebook() -> None:
        check("gone.md")

    with pytest.raises(factcheck.UsageError, match="no such file"):
        asyncio.run(in_a_notebook())


def test_findings_know_their_sides(report: factcheck.Report) -> None:
    (finding,) = report.view.findings
    assert (finding.a.speaker, finding.b.speaker) == ("Ann Roe", "Ann Roe")
    assert finding.a.quote == "Ann Roe wants the pier leased this year."
    assert finding.a.document.publisher == "Echo"
    assert (finding.a.said_on, finding.b.said_on) == ("2024-06-01", "2024-07-01")
    assert finding.finding is report.findings[0]
    assert [c.id for c in report.view.by("Ann Roe")] == [c.id for c in report.claims]
    for name in ("id", "kind", "severity", "tier", "explanation", "reading", "days_apart", "verdict", "stands"):
        assert getattr(finding, name) == getattr(report.findings[0], name)
    for name in ("id", "kind", "text", "attribution", "target", "topic"):
        assert getattr(finding.a, name) == getattr(report.claim(report.findings[0].a), name)


def test_a_stream_gives_claims_and_findings_as_they_come_and_the_report_last(folder: Path) -> None:
    async def all_of_it() -> list[Any]:
        events = factcheck.stream(folder, settings=SETTINGS, transport=transport(stubborn))
        return [event async for event in events]

    *events, report = asyncio.run(all_of_it())
    assert isinstance(report, factcheck.Report)
    kinds = [type(event).__name__ for event in events]
    assert kinds == ["Document", "ClaimView", "Document", "ClaimView", "FindingView"]
    assert events[-1].finding == report.findings[0]
    assert events[-1].b.speaker == "Ann Roe"


def test_whoever_stops_a_stream_ends_the_run(folder: Path) -> None:
    seen: list[Any] = []

    async def the_first() -> Any:
        async for event in factcheck.stream(folder, settings=SETTINGS, transport=transport(stubborn, seen)):
            if isinstance(event, factcheck.ClaimView):
                return event.speaker
        return None

    async def then() -> tuple[Any, int]:
        first = await the_first()
        for _ in range(1000):  # the loop closes what nobody iterates over any more
            if len(asyncio.all_tasks()) == 1:
                break
            await asyncio.sleep(0.01)
        return first, len(asyncio.all_tasks()) - 1

    name, left = asyncio.run(then())
    assert name == "Ann Roe"
    assert left == 0


def test_a_stream_raises_what_check_raises() -> None:
    async def go() -> None:
        async for _ in factcheck.stream("gone.md", settings=SETTINGS):
            pass

    with pytest.raises(factcheck.UsageError, match="no such file"):
        asyncio.run(go())


def test_rows_have_the_columns_of_the_csv_outputs(report: factcheck.Report) -> None:
    for what in get_args(Rows):
        rows = report.rows(what)
        head = factcheck.render(report, f"{what}-csv").splitlines()[0]
        assert tuple(rows[0]) == COLUMNS[what] == tuple(head.split(","))
    assert report.rows()[0]["a_speaker"] == "Ann Roe"
    with pytest.raises(factcheck.UsageError, match="claims or findings"):
        report.rows("problems")  # type: ignore[arg-type]


def test_an_empty_table_has_its_columns_too(folder: Path) -> None:
    alone = check(folder / "june.md")
    assert not alone.findings
    assert factcheck.render(alone, "findings-csv").strip() == ",".join(COLUMNS["findings"])


def test_a_frame_without_pandas_or_polars_says_what_to_install(
    report: factcheck.Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("factcheck.outputs.frames.find_spec", lambda name: None)
    with pytest.raises(factcheck.UsageError, match=r"pip install pandas; or use \.rows\(\)"):
        report.to_frame()
    with pytest.raises(factcheck.UsageError, match=r"needs polars"):
        report.to_frame(library="polars")


def test_a_frame_is_made_by_whichever_library_there_is(
    report: factcheck.Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = ModuleType("polars")
    stand_in.DataFrame = lambda columns, **options: (columns, options)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "polars", stand_in)
    monkeypatch.setattr("factcheck.outputs.frames.find_spec", lambda name: name == "polars" or None)
    columns, options = report.to_frame("claims")
    assert columns["speaker"] == ["Ann Roe", "Ann Roe"]
    assert options == {"strict": False}


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_real_frames_hold_the_table(report: factcheck.Report, library: Any) -> None:
    pytest.importorskip(library)
    frame = report.to_frame("findings", library=library)
    assert tuple(frame.columns) == COLUMNS["findings"]
    assert len(frame) == 1
    assert list(frame["a_speaker"]) == ["Ann Roe"]


def test_a_notebook_shows_the_findings_first(report: factcheck.Report) -> None:
    shown = report._repr_html_()
    assert shown.index("Ann Roe</bdi>: position changed") < shown.index("<table>")
    assert "<mark>Ann Roe wants the pier leased this year.</mark>" in shown
    assert "<script" not in shown
    assert "alert" not in shown


def test_a_notebook_says_first_that_a_run_failed(folder: Path) -> None:
    settings = factcheck.load_settings(model="m", base_url="https://api.example/v1", use_cache=False)
    shown = factcheck.check(folder, settings=settings, errors="report")._repr_html_()
    assert shown.index("This run failed") < shown.index("2 documents")
    assert "No two claims" not in shown


def test_a_ledger_by_its_place(folder: Path) -> None:
    place = folder / "desk.db"
    with pytest.raises(factcheck.UsageError, match="no such ledger"):
        factcheck.Ledger(place)
    made = check(folder, ledger=place)
    with factcheck.Ledger(place) as ledger:
        assert [s.date for s in ledger.timeline("Ann Roe").said] == ["2024-06-01", "2024-07-01"]
        assert ledger.findings()[0].id == made.findings[0].id
        assert ledger.show(made.findings[0].id).sides[0].claim.id == made.findings[0].a
        assert ledger.search("pier leased")
        ledger.decide(made.findings[0].id, "dismissed", by="Bo", note="a joke")
        assert ledger.findings()[0].verdict is not None
        assert ledger.head()
        assert ledger.place.endswith("desk.db")
