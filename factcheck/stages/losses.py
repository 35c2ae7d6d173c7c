"""What an endpoint failed at, told once and not once a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from factcheck.errors import OF_THE_ENDPOINT, ModelError
from factcheck.models import Document, Problem

SHOWN = 3
"""Documents that a line names."""


def told_once(
    problems: Iterable[Problem],
    documents: Sequence[Document],
    failures: Mapping[str, str],
    ended: ModelError | None = None,
) -> tuple[Problem, ...]:
    """The problems, with those of one cause as one; `failures` are the endpoint's errors and their codes.

    `ended` is what ended the run's calls, if anything did.
    """
    names = {d.id: d.name for d in documents}
    groups: dict[str, list[Problem]] = {}
    for number, problem in enumerate(problems):
        groups.setdefault(_reason(problem, failures, ended) or f"\0{number}", []).append(problem)
    return tuple(
        one
        for reason, group in groups.items()
        for one in ([_one(reason, group, names)] if _is_of_all(group, documents) else group)
    )


def _is_of_all(group: Sequence[Problem], documents: Sequence[Document]) -> bool:
    """Whether one line will do: for what an endpoint failed at, and for answers of which none could be used."""
    of_endpoint = group[0].code in OF_THE_ENDPOINT
    return of_endpoint or len({p.document_id for p in group}) == len(documents)


def _reason(problem: Problem, failures: Mapping[str, str], ended: ModelError | None) -> str | None:
    """The error that a problem rests on, where others may rest on it, too."""
    if ended is not None and problem.code == ended.code:
        return str(ended)
    if problem.code not in OF_THE_ENDPOINT | {"truncated", "empty"}:
        return None
    return next((r for r, code in failures.items() if code == problem.code and problem.message.endswith(r)), None)


def _one(reason: str, group: Sequence[Problem], names: Mapping[str, str]) -> Problem:
    if len(group) == 1:
        return group[0]
    ids = list(dict.fromkeys(p.document_id for p in group if p.document_id))
    if len(ids) == 1:
        return Problem(
            stage=group[0].stage,
            code=group[0].code,
            document_id=ids[0],
            message=f"{names.get(ids[0], ids[0])}: was not finished: {reason}",
        )
    shown = [names.get(one, one) for one in ids[:SHOWN]]
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    listed = f" ({', '.join(shown)}{more})" if ids else ""
    message = f"{len(ids) or 'some'} documents were not finished{listed}: {reason}"
    return Problem(stage=group[0].stage, code=group[0].code, message=message)
