"""A report out of a ledger: the findings that a filter lets through, with all that their documents say."""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from factcheck.__about__ import TOOL
from factcheck.ids import content_id
from factcheck.ledger.findings import FindingFilter, ids_of
from factcheck.ledger.schema import claims, documents, findings, runs
from factcheck.ledger.store import rows_with
from factcheck.ledger.view import report_of
from factcheck.models import Report, Run, Usage

EVERYTHING = FindingFilter(state="all")


def digest(connection: Connection, wanted: FindingFilter = EVERYTHING) -> Report:
    """The findings that are wanted, with the documents that they have a side in; of all findings, all documents."""
    chosen = set(ids_of(connection, wanted))
    query = select(documents.c.id).order_by(documents.c.published, documents.c.seq)
    if wanted != EVERYTHING:
        rows = rows_with(connection, select(findings.c.a, findings.c.b), findings.c.id, chosen)
        sides = {key for row in rows for key in (row["a"], row["b"])}
        homes = rows_with(connection, select(claims.c.document_id), claims.c.id, sides)
        ids = sorted({row["document_id"] for row in homes})
    else:
        ids = list(connection.execute(query).scalars())
    report = report_of(connection, ids, _run(connection))
    return report.model_copy(update={"findings": tuple(f for f in report.findings if f.id in chosen)})


def _run(connection: Connection) -> Run:
    """What stands for all runs of a ledger: their models, and the latest prompts. What they cost is not kept."""
    every = connection.execute(select(runs).order_by(runs.c.seq)).mappings().all()
    prompts: dict[str, str] = {}
    for run in every:
        prompts |= json.loads(run["prompts"])
    started = [run["started"] for run in every if run["started"]]
    return Run(
        id=content_id("r", *(run["id"] for run in every)),
        tool=TOOL,
        started=max(started, default=None),
        model=", ".join(dict.fromkeys(run["model"] for run in every)),
        prompts=prompts,
        usage=Usage(),
    )
