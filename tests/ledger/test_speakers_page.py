"""Who spoke how often is counted again as soon as anything changes that."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from factcheck.ledger.connection import open_ledger
from tests.support.desk import RUN
from tests.support.statements import JULY, JUNE, entry


def test_counts_follow_documents_merges_and_what_is_taken_back(tmp_path: Path) -> None:
    place = str(tmp_path / "desk.db")

    def told() -> list[tuple[list[str], int]]:
        return [(speaker.names, speaker.claims) for speaker in ledger.speakers().rows]

    with closing(open_ledger(place)) as ledger, closing(open_ledger(place)) as other:
        assert told() == []
        other.keep([JUNE], RUN)
        assert told() == [(["Ann Roe"], 1)]
        other.keep([JULY, entry("It is old, Anne Roe said.", speaker="Anne Roe", published="2024-08")], RUN)
        assert told() == [(["Ann Roe"], 2), (["Anne Roe"], 1)]
        merged = other.merge("Ann Roe", "Anne Roe", by="Mira")
        assert told() == [(["Ann Roe", "Anne Roe"], 3)]
        other.undo(merged.seq, by="Mira")
        assert told() == [(["Ann Roe"], 2), (["Anne Roe"], 1)]
        assert ledger.speakers("anne").total == 1
