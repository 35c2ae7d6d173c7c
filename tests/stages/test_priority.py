"""What is worth looking into first, and why."""

from __future__ import annotations

from typing import Any

from factcheck.inputs.documents import document_from_text
from factcheck.models import Claim, Document
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.ground import ground
from factcheck.stages.priority import priority, ranked, worthwhile

TEXT = (
    "Unemployment fell by 3.2 per cent, minister Ann Roe said. The harbour was lovely. "
    "Roe lied to the council, Bo Lind said. Trees grow along the road."
)
ARTICLE = document_from_text(TEXT, title="Unemployment fell, minister says", published="2024-01-10")


def claim(sentence: int, document: Document = ARTICLE, **fields: Any) -> Claim:
    draft = Draft(document, (Pointer(sentence, ""),), None, "assertion", "", importance=1)
    made = ground(draft._replace(**fields))
    assert isinstance(made, Claim)
    return made


def test_a_rank_says_what_it_is_made_of() -> None:
    roe = Source("Ann Roe", "minister")
    assert priority(claim(1, source=roe, importance=2), ARTICLE).because == (
        "much hangs on it",
        "figures",
        "headline",
        "officeholder",
    )
    assert priority(claim(3, source=Source("Bo Lind"), kind="accusation"), ARTICLE).because == ("accusation",)
    assert priority(claim(4), ARTICLE).because == ()


def test_what_evidence_cannot_settle_is_last_and_not_looked_into() -> None:
    claims = ranked([claim(2, importance=0), claim(4), claim(1)], {ARTICLE.id: ARTICLE})
    assert claims[0].priority is not None
    assert claims[0].priority.rank == 0
    assert claims[0].priority.because == ("no evidence could settle it",)
    assert [c.quotes[0].exact[:5] for c in worthwhile(claims)] == ["Unemp", "Trees"]


def test_headlines_and_figures_are_known_in_other_scripts() -> None:
    text = "失業率は三・二パーセントに下がった。 بلغ عدد الزوار ٤١٠٠ زائر."
    document = document_from_text(text, title="失業率は下がった")
    assert "headline" in priority(claim(1, document), document).because
    assert "figures" in priority(claim(2, document), document).because
