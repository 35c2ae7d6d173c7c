"""Which problems mean that something was not done."""

from __future__ import annotations

from factcheck.models import Problem

INCOMPLETE_STAGES = frozenset({"split", "extract", "judge", "review"})
NOT_INCOMPLETE = frozenset({"duplicate", "front_matter", "hidden_text", "recognised"})
REJECTED = frozenset(
    {"no_quote", "not_in_text", "wrong_sentence", "hidden_negation"}
    | {"unknown_sentence", "unknown_source", "unknown_claim"}
)
"""Codes of what an answer said and code refused: the answer came, and the guard did its work."""


def is_undone(problem: Problem) -> bool:
    """Whether something was not done, as against done and refused."""
    unread = problem.stage == "read" and problem.code not in NOT_INCOMPLETE
    return unread or (problem.stage in INCOMPLETE_STAGES and problem.code not in REJECTED)
