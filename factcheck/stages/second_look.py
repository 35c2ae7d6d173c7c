"""A second, independent look at findings, in another wording and with the order swapped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from factcheck.errors import ModelError
from factcheck.llm.answers import ReviewAnswer
from factcheck.llm.client import Chat
from factcheck.llm.prompts import Filled, Prompt, fill
from factcheck.models import Answer, Claim, Document, Finding, Problem, said_on
from factcheck.plural import counted
from factcheck.stages.excerpts import in_context

BATCH = 8
"""Findings in one request."""

CONTEXT = 4
"""Sentences shown on either side of a statement."""

LOOK_TOKENS = 50
"""Tokens of one look in an answer, for estimates."""


class Case(NamedTuple):
    """A finding with both its claims and the documents that they stand in."""

    finding: Finding
    a: Claim
    b: Claim
    in_a: Document
    in_b: Document


class Looked(NamedTuple):
    """The findings with their tiers, in the order given, denials that are answers, and what could not be done."""

    findings: list[Finding]
    answers: list[Answer]
    problems: list[Problem]


async def second_look(cases: Sequence[Case], chat: Chat, prompt: Prompt) -> Looked:
    """One call for up to eight findings: agreement makes a finding strong, `moved` makes it partial at most.

    A pair of which one side only denies what the other charges is an answer and no finding.
    """
    try:
        reply = await chat.ask(review_prompt(cases, prompt), ReviewAnswer)
    except ModelError as error:
        message = f"{counted(len(cases), 'finding')} had no second look; all of them stay leads: {error}"
        return Looked([c.finding for c in cases], [], [Problem(stage="review", code=error.code, message=message)])
    verdicts = {look.n: look.verdict for look in reply.answer.looks}
    answers = {
        n: answer for n, case in enumerate(cases, 1) if verdicts.get(n) == "denial" and (answer := _denial(case))
    }
    kept = [(n, case.finding) for n, case in enumerate(cases, 1) if n not in answers]
    problems = [
        Problem(stage="review", code="incomplete", message=f"finding {finding.id} had no second look")
        for n, finding in kept
        if n not in verdicts
    ]
    return Looked([_tiered(finding, verdicts.get(n)) for n, finding in kept], list(answers.values()), problems)


def _denial(case: Case) -> Answer | None:
    """Which of the two accuses and which answers; None where neither is an accusation."""
    a, b = case.a, case.b
    first = (b, a) if b.kind == "accusation" and a.kind != "accusation" else (a, b)
    charges = first[0].kind == "accusation" or first[0].target is not None
    return Answer(accusation=first[0].id, answer=first[1].id) if charges else None


def review_prompt(cases: Sequence[Case], prompt: Prompt) -> Filled:
    """The prompt for a batch of findings, exactly as it is sent."""
    rendered = [
        f"Pair {n}\nFirst: {_statement(case.b, case.in_b)}\nSecond: {_statement(case.a, case.in_a)}"
        for n, case in enumerate(cases, 1)
    ]
    return fill(prompt, {"pairs": "\n\n".join(rendered)}, expected_output=LOOK_TOKENS * len(cases))


def _tiered(finding: Finding, verdict: str | None) -> Finding:
    """The finding with its tier; where the two looks differ in how far it goes, the milder one holds."""
    milder = {"severity": "partial"} if verdict == "moved" else {}
    return finding.model_copy(update={"tier": "strong" if verdict in {"clash", "moved"} else "lead", **milder})


def _statement(claim: Claim, document: Document) -> str:
    """Who said it, where and when, and the sentences around it with the statement marked."""
    said = claim.attribution
    who = said.speaker or f"{document.publisher or 'the article'}, in its own voice"
    roles = ", ".join(part for part in (said.role, said.organisation, said.on_behalf_of) if part)
    shown = in_context(claim, document, before=CONTEXT, after=CONTEXT)
    where = f"{document.publisher or 'unknown'}, {document.published or 'undated'}"
    when = f", said {said_on(claim, document)}" if said.stated_on else ""
    return f"{who}{f' ({roles})' if roles else ''}{when} [{where}]\n{shown}"
