"""What bears on the claims of a report: sources are asked, sentences chosen, weighed, looked at again, and told apart.

Claim → Query → Found → Passage → Piece → Evidence, Check
queries   search  retrieve  weigh   review, origins
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from factcheck.ids import content_id
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Prompt
from factcheck.models import Check, Claim, Document, Evidence, Problem, Quote, Report, Search
from factcheck.order import in_time
from factcheck.plural import counted
from factcheck.sources.queries import query_of
from factcheck.sources.results import Found, Result, Source
from factcheck.stages.excerpts import Excerpt
from factcheck.stages.origins import origins
from factcheck.stages.priority import worthwhile
from factcheck.stages.retrieve import BUDGET_TOKENS, Passage, passages
from factcheck.stages.weigh import BATCH, Piece, Weighed, addressed, outcome_of, weigh
from factcheck.stages.weigh_review import review_pieces
from factcheck.text.orders import speaks_to_weigher
from factcheck.text.sentences import sentences_of

PROMPTS = ("weigh", "weigh-review", "repair")

REPLACED = "a figure that had been replaced before the statement"

Watch = Callable[[Sequence[Passage]], None]
"""Told of what the claims of an article are weighed against."""


Settled = Callable[[str, Sequence[str]], bool]
"""From the id of a claim and those of the documents that were found for it to whether nothing is left to weigh."""


class Looking(NamedTuple):
    """Where evidence is looked for, and for how many claims at most (None: all that evidence could settle)."""

    sources: Sequence[Source]
    max_claims: int | None = None
    budget: int = BUDGET_TOKENS
    watch: Watch = lambda rows: None


class Sought(NamedTuple):
    """What the sources gave for one claim."""

    claim: Claim
    found: list[Found]
    searched: tuple[Search, ...]


async def add_evidence(
    report: Report,
    looking: Looking,
    chat: Chat,
    prompts: Mapping[str, Prompt],
    settled: Settled = lambda claim, found: False,
) -> Report:
    """The report with evidence for the claims of its own articles, the most worthwhile first.

    A source, a call or a document that fails is a problem each; a claim that no source could be asked about, or that
    could not be weighed, has no check.
    One that is `settled` by what is known of it already is not weighed again, and has none in this report.
    """
    own = set(report.run.inputs)
    articles = {d.id: d for d in report.documents if d.id in own}
    hostile = _with_orders(report, articles)
    claims = worthwhile(c for c in report.claims if c.document_id in own)
    claims = sorted(claims, key=lambda c: c.document_id in hostile)
    chosen = claims[: looking.max_claims]
    sought, problems = await seek(chosen, articles, looking.sources)
    sought, left = _without_orders(_searched(sought))
    sought = [s for s in sought if not settled(s.claim.id, [f.document.id for f in s.found])]
    problems += left + _left_over(len(claims) - len(chosen))
    groups = [[s for s in sought if s.claim.document_id == key] for key in articles]
    weighing = (_weighed(articles[g[0].claim.document_id], g, looking, chat, prompts) for g in groups if g)
    done = await asyncio.gather(*weighing)
    used = {name: prompts[name].fingerprint for name in PROMPTS}
    return _with(report, sought, done, problems, chat, used)


async def seek(
    claims: Sequence[Claim], articles: Mapping[str, Document], sources: Sequence[Source]
) -> tuple[list[Sought], list[Problem]]:
    """Ask all sources about all claims; the articles themselves are no evidence."""
    queries = [query_of(claim, articles[claim.document_id]) for claim in claims]
    answers: Sequence[list[Result]] = await asyncio.gather(*(source.search(queries) for source in sources))
    results = [[row[i] for row in answers] for i in range(len(claims))]
    own = {key for d in articles.values() for key in (d.id, d.sha256)}
    sought = [
        Sought(
            claim,
            [f for r in row for f in r.found if own.isdisjoint((f.document.id, f.document.sha256))],
            tuple(r.search for r in row),
        )
        for claim, row in zip(claims, results, strict=True)
    ]
    return sought, list(dict.fromkeys(p for row in results for r in row for p in r.problems))


def _searched(sought: Sequence[Sought]) -> list[Sought]:
    """What was asked of at least one source that answered: where none did, not to have found anything says nothing."""
    return [s for s in sought if not s.searched or any(search.problem is None for search in s.searched)]


def _with_orders(report: Report, articles: Mapping[str, Document]) -> set[str]:
    """Ids of articles that speak to their reader as a machine: their claims take no place from those of others."""
    told = {p.document_id for p in report.problems if p.code == "addresses_machine"}
    return {k for k, d in articles.items() if k in told or speaks_to_weigher(d.title, d.publisher, d.text)}


def _without_orders(sought: Sequence[Sought]) -> tuple[list[Sought], list[Problem]]:
    """What was found without documents that speak to their reader as a machine: they are named and not weighed.

    Weighed beside others they could change what is said of those.
    """
    documents = {f.document.id: f.document for s in sought for f in s.found}
    hostile = {key: d for key, d in documents.items() if speaks_to_weigher(d.title, d.publisher, d.text)}
    problems = [addressed(d) for d in in_time(hostile.values())]
    return [s._replace(found=[f for f in s.found if f.document.id not in hostile]) for s in sought], problems


def _left_over(number: int) -> list[Problem]:
    if number < 1:
        return []
    message = f"{counted(number, 'more statement')} could be looked into; raise --max-claims to do so"
    return [Problem(stage="weigh", code="left_over", message=message)]


async def _weighed(
    article: Document, sought: Sequence[Sought], looking: Looking, chat: Chat, prompts: Mapping[str, Prompt]
) -> Weighed:
    """The claims of one article, in the order of its text, and a second look at what speaks against them."""
    chat = chat.noting([], documents=1)
    found = {f.document.id: f.document for s in sought for f in s.found}
    given = {s.claim.id: [f.document for f in s.found] for s in sought}
    ordered = sorted((s.claim for s in sought), key=lambda c: (c.quotes[0].start, c.quotes[-1].end, c.id))
    rows = passages(ordered, {article.id: article}, given, budget_tokens=looking.budget)
    looking.watch(rows)
    rows = [row for row in rows if row.candidates]
    batches = _batches(rows)
    parts = await asyncio.gather(
        *(weigh([row.claim for row in batch], article, excerpts_of(batch), chat, prompts) for batch in batches)
    )
    pieces = [piece for part in parts for piece in part.pieces]
    looked = await review_pieces(pieces, {**found, article.id: article}, chat, prompts["weigh-review"])
    return Weighed(
        looked.pieces,
        {key: text for part in parts for key, text in part.lacks.items()},
        frozenset().union(*(part.unread for part in parts)),
        [*(p for part in parts for p in part.problems), *looked.problems],
    )


def _batches(rows: Sequence[Passage]) -> list[Sequence[Passage]]:
    """As few batches as can be, of like size."""
    number = -(-len(rows) // BATCH)
    return [rows[len(rows) * i // number : len(rows) * (i + 1) // number] for i in range(number)]


def excerpts_of(rows: Sequence[Passage]) -> list[Excerpt]:
    """The sentences that claims are weighed against, each once, by document, the oldest first."""
    documents = {c.document.id: c.document for row in rows for c in row.candidates}
    spans: dict[str, list[tuple[int, int]]] = {}
    for candidate in (c for row in rows for c in row.candidates):
        spans.setdefault(candidate.document.id, []).append((candidate.start, candidate.end))
    return [
        Excerpt(
            d,
            tuple(
                s
                for s in sentences_of(d.text, d.language)
                if any(s.start < end and start < s.end for start, end in spans[d.id])
            ),
            (),
        )
        for d in in_time(documents.values())
    ]


def _with(
    report: Report,
    sought: Sequence[Sought],
    done: Sequence[Weighed],
    problems: Sequence[Problem],
    chat: Chat,
    used: Mapping[str, str],
) -> Report:
    """The report with evidence and checks, in the order of its claims."""
    found = {f.document.id: f for s in reversed(sought) for f in s.found}
    unread = frozenset().union(*(w.unread for w in done))
    lacks = {key: text for w in done for key, text in w.lacks.items()}
    by_claim = {s.claim.id: [p for w in done for p in w.pieces if p.claim.id == s.claim.id] for s in sought}
    evidence = {key: _evidence(pieces, found) for key, pieces in by_claim.items()}
    searched = {s.claim.id: s.searched for s in sought if s.claim.id not in unread}
    checks = [
        Check(
            claim_id=c.id,
            outcome=outcome_of(by_claim[c.id]),
            searched=searched[c.id],
            evidence=tuple(e.id for e in evidence[c.id]),
            leaves_out=lacks.get(c.id, ""),
        )
        for c in report.claims
        if c.id in searched
    ]
    every = _told_apart([e for c in report.claims for e in evidence.get(c.id, ())], report, found)
    held = {d.id for d in report.documents}
    cited = in_time({e.document_id: found[e.document_id].document for e in every if e.document_id not in held}.values())
    told = (*report.problems, *problems, *(p for w in done for p in w.problems))
    run = report.run.model_copy(update={"usage": chat.usage(), "prompts": {**report.run.prompts, **used}})
    changes = {"documents": (*report.documents, *cited), "evidence": every, "checks": tuple(checks), "problems": told}
    return report.model_copy(update={**changes, "run": run})


def _told_apart(evidence: Sequence[Evidence], report: Report, found: Mapping[str, Found]) -> tuple[Evidence, ...]:
    """The evidence with what code derives of it: whose it is, a copy of what, before or after the claim."""
    documents = {key: f.document for key, f in found.items()}
    claims = {c.id: c for c in report.claims}
    made = origins(evidence, documents, claims, {d.id: d for d in report.documents})
    return tuple(
        e.model_copy(update={"independent": False, "dependence": given.dependence})
        if given.dependence and e.independent
        else e
        for given, e in zip(evidence, made, strict=True)
    )


def _evidence(pieces: Iterable[Piece], found: Mapping[str, Found]) -> list[Evidence]:
    """The pieces about one claim as evidence: what one document does to it is one, whatever it took to say it."""
    groups: dict[tuple[str, str], list[tuple[Piece, Claim]]] = {}
    for piece in pieces:
        for words in piece.words:
            groups.setdefault((words.document_id, piece.relation), []).append((piece, words))
    return [_one(group, found[document]) for (document, _), group in groups.items()]


def _one(group: Sequence[tuple[Piece, Claim]], found: Found) -> Evidence:
    first, words = group[0]
    quotes = _quotes(q for _, w in group for q in w.quotes)
    spans = ",".join(f"{q.start}-{q.end}" for q in quotes)
    return Evidence(
        id=content_id("e", first.claim.id, found.document.id, first.relation, spans),
        claim_id=first.claim.id,
        document_id=found.document.id,
        quotes=quotes,
        relation=first.relation,
        why=first.why,
        reading=first.reading,
        source=found.source,
        speaker=words.attribution.speaker,
        said_on=found.document.published,
        nature=found.nature,
        rating=found.rating,
        strong=all(piece.strong for piece, _ in group),
        dependence=REPLACED if all(piece.replaced for piece, _ in group) else "",
    )


def _quotes(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    """Each stretch once, in the order of the text; one that lies in another is not said twice."""
    kept: list[Quote] = []
    for quote in sorted(quotes, key=lambda q: (q.start, -q.end)):
        if not kept or quote.end > kept[-1].end:
            kept.append(quote)
    return tuple(kept)
