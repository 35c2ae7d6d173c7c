"""factcheck: who said what, as what kind of statement, and which statements do not fit together.

    import factcheck
    report = factcheck.check(["seeds/nato-2014"])
    for finding in report.findings:
        print(finding.kind, report.claim(finding.a).quotes[0].exact, report.claim(finding.b).quotes[0].exact)

I want to change …                                   → open
---------------------------------------------------------------------------
what a report contains                               → models.py
how sources become documents                         → documents.py, inputs/article.py, inputs/kinds.py
how one kind of file is read                         → inputs/plain.py, inputs/pages.py, inputs/pdf.py, inputs/docx.py,
                                                       inputs/captions.py, inputs/tables.py, inputs/feeds.py,
                                                       inputs/mail.py
what may be fetched, and what is kept of it          → inputs/addresses.py, inputs/fetch.py, inputs/snapshot.py
what readers cannot see and the model must not       → inputs/invisible.py, inputs/hidden.py, inputs/styles.py,
                                                       inputs/layers.py
pages that are not the article                       → inputs/walls.py
limits on memory and time of foreign formats         → inputs/sandbox.py, inputs/worker.py
where sentences end                                  → sentences.py
how a long document is cut                           → split.py
what the model is asked                              → ../prompts/*.md, prompts.py
the shape of the model's answers                     → wire.py
how an answer becomes drafts                         → extract.py, drafts.py
how a quote is found, or rejected                    → ground.py, folding.py, negation.py
what is compared with what                           → pair.py
what counts as a contradiction                       → judge.py
the second look                                      → review.py
the order of all this                                → pipeline.py
retries, deadlines, budgets, errors of the endpoint  → chat.py, endpoint.py, errors.py
what a ledger holds, and its tables                  → ledger/schema.py, ledger/rows.py
how a document is added to it, and read back         → ledger/store.py, ledger/connection.py, ledger/view.py
which earlier claims a new document is compared with → ledger/candidates.py, ledger/features.py, ledger/postings.py,
                                                       ledger/vectors.py
who is who, and what people decided                  → ledger/speakers.py, ledger/log.py, ledger/decide.py
what can be looked up in it                          → ledger/lookup.py
how it is checked, taken out and read in             → ledger/verify.py, ledger/exchange.py
the order of all this with a ledger                  → remember.py
recordings, replay, cache                            → recordings.py
how tokens are counted                               → tokens.py
flags, environment, factcheck.toml                   → settings.py, runs.py
the command line                                     → cli.py, commands/, inspection.py
which outputs there are                              → outputs/render.py
what outputs say in words, and how text is disarmed  → outputs/words.py, outputs/inert.py, outputs/links.py
how a report looks on a terminal                     → outputs/terminal.py
how look-ups in a ledger look                        → outputs/lookup.py
the HTML page                                        → outputs/page.py, outputs/assets/, outputs/spans.py,
                                                       outputs/timeline.py, outputs/dates.py
outputs for programs                                 → outputs/tables.py, outputs/records.py, outputs/annotations.py,
                                                       outputs/schemaorg.py, outputs/markdown.py
outputs for CI, and lines in files                   → outputs/sarif.py, outputs/ci.py, outputs/lines.py
reading a saved report                               → saved.py
what changed between two reports                     → changes.py
which problems leave a run incomplete                → problems.py
how quality is scored                                → quality/evaluate.py, quality/suite.py, quality/trials.py,
                                                       quality/oneprompt.py, quality/archive.py, quality/scorecard.py
what a regression is                                 → quality/regress.py
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from factcheck import __about__

if TYPE_CHECKING:
    from factcheck.changes import diff
    from factcheck.documents import Fetching, Reading, document_from_text, read
    from factcheck.errors import FactcheckError, LedgerError, ModelError, UsageError
    from factcheck.models import (
        Attribution,
        Claim,
        Document,
        Finding,
        Problem,
        Quote,
        Report,
        Run,
        Usage,
    )
    from factcheck.outputs.render import render
    from factcheck.runs import Progress, acheck, check, exit_code
    from factcheck.saved import load_report
    from factcheck.settings import Settings, load_settings

__version__ = __about__.VERSION

_HOME = {
    "Attribution": "models",
    "Claim": "models",
    "Document": "models",
    "FactcheckError": "errors",
    "Fetching": "documents",
    "Finding": "models",
    "LedgerError": "errors",
    "ModelError": "errors",
    "Problem": "models",
    "Progress": "runs",
    "Quote": "models",
    "Reading": "documents",
    "Report": "models",
    "Run": "models",
    "Settings": "settings",
    "Usage": "models",
    "UsageError": "errors",
    "acheck": "runs",
    "check": "runs",
    "diff": "changes",
    "document_from_text": "documents",
    "exit_code": "runs",
    "load_report": "saved",
    "load_settings": "settings",
    "read": "documents",
    "render": "outputs.render",
}

__all__ = [
    "Attribution",
    "Claim",
    "Document",
    "FactcheckError",
    "Fetching",
    "Finding",
    "LedgerError",
    "ModelError",
    "Problem",
    "Progress",
    "Quote",
    "Reading",
    "Report",
    "Run",
    "Settings",
    "Usage",
    "UsageError",
    "__version__",
    "acheck",
    "check",
    "diff",
    "document_from_text",
    "exit_code",
    "load_report",
    "load_settings",
    "read",
    "render",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that the command line starts quickly."""
    if name not in _HOME:
        raise AttributeError(f"module 'factcheck' has no attribute {name!r}")
    return getattr(import_module(f"factcheck.{_HOME[name]}"), name)
