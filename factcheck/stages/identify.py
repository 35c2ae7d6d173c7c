"""Who is who in a set of documents: one call, and each tie is kept only with a sentence that shows it."""

from __future__ import annotations

from collections import Counter
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

AKIN = 65
"""The same for words of two languages, e.g. "ministry" and "ministerstwo"."""

SHORT = 3
"""Letters of a word that says little, e.g. "of" or "the"."""

HEAD = 6
"""Letters from which a word may stand for a compound that ends with it."""

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
    before = ""
    for n, entry in enumerate(entries, 1):
        places = [_label(document, labels) for document in (entry.document, *entry.also_in)]
        about = [entry.role, entry.organisation, f"for {entry.on_behalf_of}" if entry.on_behalf_of else None]
        shown = " ".join(entry.text.split())[:LONGEST]
        lines.append(f"{n}. [{'; '.join(places)}] {' | '.join([entry.name, *filter(None, about)])}")
        lines.append("   (the same sentence)" if shown == before else f"   {shown}")
        before = shown
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
        named = 2 * len(wanted & words) if wanted <= words or max(sorted(wanted), key=len) in words else 0
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
    name, shown = _fullest(group, entries), entries[group.shown - 1]
    members = [m for n in dict.fromkeys(group.members) if folded((m := entries[n - 1]).name) != folded(name.name)]
    found = [(m, next((e for e in (shown, name, m) if _shows(e, m, name)), None)) for m in members]
    kin = [name, *(m for m, own in found if own is not None)]
    found = [(m, own or (m if _meets(m, kin, entries) else None)) for m, own in found]
    proofs = {folded(m.name): proof for m, proof in reversed(found) if proof is not None}
    for member, own in found:
        proof = own or proofs.get(folded(member.name))  # the same short name, shown in another article of the group
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


def _fullest(group: GroupWire, entries: Sequence[Entry]) -> Entry:
    """The member that gives the name: the one of the answer, or one as full in the language of most documents."""
    name = entries[group.name - 1]
    members = [name, *(entries[n - 1] for n in dict.fromkeys(group.members) if n != group.name)]
    spoken = Counter(d.language for m in members for d in (m.document, *m.also_in))
    language = max(spoken, key=lambda key: (spoken[key], key == name.document.language))
    if name.document.language == language:
        return name
    alike = [m for m in members if m.document.language == language and _is_as_full(m, name)]
    return max(alike, key=lambda m: (len(_words(m.name)), len(m.also_in)), default=name)


def _is_as_full(member: Entry, name: Entry) -> bool:
    """Whether a name may stand for another one: of a person the same words in another spelling, of a body as many."""
    if member.role or name.role:
        a, b = folded(member.name).split(), folded(name.name).split()
        return len(a) == len(b) > 1 and all(map(_alike, a, b))
    return len(_words(member.name)) >= min(2, len(_words(name.name)))


def _shows(proof: Entry, member: Entry, name: Entry) -> bool:
    """Whether a sentence holds the name, and the other form of it or the office that ties them."""
    words = set(folded(proof.text).split())
    held = [_some({word}, words) for word in _words(name.name)]
    if _is_form(member, name):
        return any(held) or any(folded(e.name) in folded(proof.text) for e in (member, name) if not e.name.isascii())
    theirs, own = _office(name), (_words(member.name) | _office(member)) - _words(name.name)
    shared = bool(theirs) and _some(theirs, own)
    if 2 * sum(held) < len(held) or (_is_proper(name.name) and not all(held)):
        return shared and proof is member and _some(theirs, words)  # a nickname beside the office
    if member.document.language == proof.document.language:
        return _some(own, words) or (shared and _some(theirs, words))
    return _some(theirs, words)  # that an office is the same in two languages is the model's


def _meets(member: Entry, kin: Sequence[Entry], entries: Sequence[Entry]) -> bool:
    """Whether somebody who stands by full name beside a body is of it, or stands beside it, under another name."""
    if any(entry.role for entry in (member, *kin)):
        return False
    beside = [e for e in entries if e.role and _is_proper(e.name) and _stands(e.name, member)]
    names = {folded(entry.name) for entry in kin}
    return any(folded(e.organisation or "") in names or any(_stands(e.name, k) for k in kin) for e in beside)


def _stands(name: str, entry: Entry) -> bool:
    return f" {folded(name)} " in f" {folded(entry.text)} "


def _office(entry: Entry) -> set[str]:
    """The words of an entry's role and organisation."""
    text = " ".join(part for part in (entry.role, entry.organisation) if part)
    return _words(text) if text else set()


def _is_form(member: Entry, name: Entry) -> bool:
    """Whether two names are forms of one: shorter, spelled otherwise, or with one surname and one office."""
    a, b = folded(member.name).split(), folded(name.name).split()
    is_exact = _is_proper(member.name) and _is_proper(name.name)
    first, second = (set(a), set(b)) if is_exact else (_words(member.name), _words(name.name))
    if len(a) == len(b) == 1 and (a[0] in b[0] or b[0] in a[0]) and not a[0].isascii():
        return True  # a company without its legal form, in scripts without spaces
    if first <= second or second <= first or (len(a) == len(b) and all(map(_alike, a, b))):
        return True
    if _is_head(a, second) or _is_head(b, first):
        return True
    if member.document.language != name.document.language and not (member.role or name.role):
        return _some(first, second, AKIN)  # a body's name in two languages; that they say the same is the model's
    return a[-1] == b[-1] and bool(_office(member) & _office(name))


def _is_head(words: Sequence[str], of: set[str]) -> bool:
    """Whether a name is one word, the last part of a compound in the other: "Ministerium", "Gesundheitsministerium"."""
    return len(words) == 1 and len(words[0]) >= HEAD and any(w != words[0] and w.endswith(words[0]) for w in of)


def _alike(a: str, b: str) -> bool:
    """Whether two words may be spellings of one, or one the beginning of the other."""
    short = min(a, b, key=len)
    return fuzz.ratio(a, b) >= ALIKE or (len(short) >= SHORT and a[: len(short)] == b[: len(short)])


def _some(wanted: set[str], words: set[str], alike: int = ALIKE) -> bool:
    """Whether one of the words stands among others, its spelling aside."""
    return any(fuzz.ratio(a, b) >= alike for a in wanted for b in words)


def _once(ties: Sequence[Tie]) -> list[Tie]:
    """One tie for each name of a document, the first one given."""
    found: dict[tuple[str, str], Tie] = {}
    for tie in ties:
        found.setdefault((tie.document_id, folded(tie.written)), tie)
    return list(found.values())
