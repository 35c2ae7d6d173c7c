"""Who is who in a set of documents: one call, and each tie is kept only with a sentence that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from factcheck.errors import ModelError
from factcheck.llm.answers import GroupWire, WhoAnswer
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Filled, Prompt, fill
from factcheck.models import Claim, Document, Problem, Tie
from factcheck.text.names import folded
from factcheck.text.sentences import Sentence, sentences_of

ALIKE = 75
"""Similarity (0 to 100) from which two words may be spellings of one name."""

SHORT = 3
"""Letters of a word that says little, e.g. "of" or "the"."""

LONGEST = 400
"""Characters of a sentence that is shown with a name."""


class Entry(NamedTuple):
    """A name in a document, what is said about whoever bears it, and a sentence in which it stands."""

    document: Document
    name: str
    role: str | None
    organisation: str | None
    on_behalf_of: str | None
    sentence: Sentence
    also_in: tuple[Document, ...] = ()
    """Other documents with exactly this name."""

    @property
    def text(self) -> str:
        """The sentence's words."""
        return self.document.text[self.sentence.start : self.sentence.end]


class Identified(NamedTuple):
    """Who is who, and what was not shown by any sentence."""

    ties: list[Tie]
    problems: list[Problem]


async def identify(
    said: Mapping[str, Sequence[Claim]], documents: Sequence[Document], chat: Chat, prompt: Prompt
) -> Identified:
    """One call for the names of several documents; `said` holds the claims by document id."""
    entries = entries_of(said, documents)
    if len({e.document.id for e in entries}) < 2:  # noqa: PLR2004  (one article's names are known from the article)
        return Identified([], [])
    try:
        reply = await chat.ask(who_prompt(entries, prompt), WhoAnswer)
    except ModelError as error:
        message = f"who is who was not asked, so that offices and names stay apart: {error}"
        return Identified([], [Problem(stage="who", code=error.code, message=message)])
    ties: list[Tie] = []
    problems: list[Problem] = []
    for group in reply.answer.same:
        _tie(group, entries, ties, problems)
    return Identified(_once(ties), problems)


def who_prompt(entries: Sequence[Entry], prompt: Prompt) -> Filled:
    """The prompt for these entries, exactly as it is sent."""
    labels: dict[str, str] = {}
    lines = []
    for n, entry in enumerate(entries, 1):
        places = [_label(document, labels) for document in (entry.document, *entry.also_in)]
        about = [entry.role, entry.organisation, f"for {entry.on_behalf_of}" if entry.on_behalf_of else None]
        shown = " ".join(entry.text.split())[:LONGEST]
        lines.append(f"{n}. [{'; '.join(places)}] {' | '.join([entry.name, *filter(None, about)])}\n   {shown}")
    return fill(prompt, {"entries": "\n".join(lines)}, expected_output=20 * len(entries) // 4 + 20)


def _label(document: Document, labels: dict[str, str]) -> str:
    name = labels.setdefault(document.id, f"A{len(labels) + 1}")
    return f"{name}, {document.published or 'undated'}"


def entries_of(said: Mapping[str, Sequence[Claim]], documents: Sequence[Document]) -> list[Entry]:
    """The names in these documents; a proper name that stands alike in several is one entry."""
    found: dict[object, Entry] = {}
    for document in documents:
        for claim in said.get(document.id, ()):
            for entry in _named(claim, document):
                key = folded(entry.name) if _is_proper(entry.name) else (folded(entry.name), document.id)
                known = found.setdefault(key, entry)
                found[key] = _richer(known, entry)
    return list(found.values())


def _named(claim: Claim, document: Document) -> list[Entry]:
    """Who speaks in a claim and whom it is against, with the sentence that says most about them."""
    by = claim.attribution
    people = [] if by.voice == "anonymous" else [(by.speaker, by.role, by.organisation, by.on_behalf_of)]
    people.append((claim.target, None, None, None))
    return [
        Entry(document, name, role, organisation, principal, _sentence(document, name, role, claim))
        for name, role, organisation, principal in people
        if name and folded(name)
    ]


def _richer(known: Entry, other: Entry) -> Entry:
    """One entry in place of two; the one with an office keeps its sentence."""
    first, second = (known, other) if known.role or not other.role else (other, known)
    documents = {d.id: d for d in (first.document, *first.also_in, second.document, *second.also_in)}
    return first._replace(
        role=first.role or second.role,
        organisation=first.organisation or second.organisation,
        on_behalf_of=first.on_behalf_of or second.on_behalf_of,
        also_in=tuple(d for key, d in documents.items() if key != first.document.id),
    )


def _is_proper(name: str) -> bool:
    """Whether a name has several words that all begin with a capital, as names of people mostly do."""
    words = name.split()
    return len(words) > 1 and all(word[0].isupper() for word in words)


def _sentence(document: Document, name: str, role: str | None, claim: Claim) -> Sentence:
    """The first sentence that holds the name and the office, else the name, else the claim."""
    every = sentences_of(document.text, document.language)
    wanted, office = _words(name), _words(role or "")

    def holds(sentence: Sentence) -> int:
        words = set(folded(document.text[sentence.start : sentence.end]).split())
        named = 2 * len(wanted & words) if wanted <= words or max(wanted, key=len) in words else 0
        return named + len(office & words) if named else 0

    best = max(every, key=lambda s: (holds(s), -s.number))
    if holds(best):
        return best
    return next((s for s in every if s.end > claim.quotes[0].start), every[-1])


def _words(name: str) -> set[str]:
    return {word for word in folded(name).split() if len(word) > SHORT} or set(folded(name).split())


def _tie(group: GroupWire, entries: Sequence[Entry], ties: list[Tie], problems: list[Problem]) -> None:
    """The ties of one group that its sentence shows."""
    numbers = {*group.members, group.name, group.shown}
    if not all(1 <= n <= len(entries) for n in numbers):
        problems.append(Problem(stage="who", code="unknown_source", message="a tie names an entry that was not shown"))
        return
    name, shown = entries[group.name - 1], entries[group.shown - 1]
    for member in (entries[n - 1] for n in dict.fromkeys(group.members)):
        if folded(member.name) == folded(name.name):
            continue
        proof = next((e for e in (shown, name, member) if _shows(e, member, name)), None)
        if proof is None:
            message = f"“{member.name}” and “{name.name}” were taken for one, and no sentence shows it; they stay apart"
            problems.append(Problem(stage="who", code="not_shown", document_id=member.document.id, message=message))
            continue
        ties += [
            Tie(
                document_id=document.id,
                written=member.name,
                name=name.name,
                shown_in=proof.document.id,
                start=proof.sentence.start,
                end=proof.sentence.end,
            )
            for document in (member.document, *member.also_in)
        ]


def _shows(proof: Entry, member: Entry, name: Entry) -> bool:
    """Whether a sentence holds the name, and the other form of it or the office that ties them."""
    words = set(folded(proof.text).split())
    if not _some(_words(name.name), words):
        return False
    offices = [
        member.name,
        *(e.role or "" for e in (proof, name, member)),
        *(e.organisation or "" for e in (proof, name)),
    ]
    return _some(_words(member.name), _words(name.name)) or any(_words(o) & words for o in offices if folded(o))


def _some(wanted: set[str], words: set[str]) -> bool:
    """Whether one of the words stands among others, its spelling aside."""
    return any(fuzz.ratio(a, b) >= ALIKE for a in wanted for b in words if b[:1].isalnum())


def _once(ties: Sequence[Tie]) -> list[Tie]:
    """One tie for each name of a document, the first one given."""
    found: dict[tuple[str, str], Tie] = {}
    for tie in ties:
        found.setdefault((tie.document_id, folded(tie.written)), tie)
    return list(found.values())
