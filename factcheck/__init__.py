"""factcheck: who said what, as what kind of statement, and which statements do not fit together.

>>> import factcheck
>>> report = factcheck.check("seeds/nato-2014", replay="fixtures/recordings")
>>> for finding in report.view.findings[:1]:
...     print(finding.a.speaker, finding.a.quote, finding.b.quote, sep=" | ")
Alexander Stubb | Stubb says ... a member of NATO. | now is not the right time to apply

Where what stands: docs/architecture.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from factcheck import __about__

if TYPE_CHECKING:
    from factcheck.api import acheck, aevidence, check, evidence, stream
    from factcheck.ending import exit_code
    from factcheck.errors import FactcheckError, LedgerError, ModelError, UsageError
    from factcheck.inputs.documents import Fetching, Reading, document_from_text, read
    from factcheck.ledger.handle import Ledger
    from factcheck.models import (
        Attribution,
        Check,
        Claim,
        Document,
        Evidence,
        Finding,
        Priority,
        Problem,
        Quote,
        Report,
        Run,
        Usage,
    )
    from factcheck.outputs.changes import diff
    from factcheck.outputs.render import render
    from factcheck.outputs.saved import load_report
    from factcheck.settings import Settings, load_settings
    from factcheck.views import ClaimView, FindingView, ReportView
    from factcheck.watching import Progress

__version__ = __about__.VERSION

_HOME = {
    "Attribution": "models",
    "Check": "models",
    "Claim": "models",
    "ClaimView": "views",
    "Document": "models",
    "Evidence": "models",
    "FactcheckError": "errors",
    "Fetching": "inputs.documents",
    "Finding": "models",
    "FindingView": "views",
    "Ledger": "ledger.handle",
    "LedgerError": "errors",
    "ModelError": "errors",
    "Priority": "models",
    "Problem": "models",
    "Progress": "watching",
    "Quote": "models",
    "Reading": "inputs.documents",
    "Report": "models",
    "ReportView": "views",
    "Run": "models",
    "Settings": "settings",
    "Usage": "models",
    "UsageError": "errors",
    "acheck": "api",
    "aevidence": "api",
    "check": "api",
    "diff": "outputs.changes",
    "document_from_text": "inputs.documents",
    "evidence": "api",
    "exit_code": "ending",
    "load_report": "outputs.saved",
    "load_settings": "settings",
    "read": "inputs.documents",
    "render": "outputs.render",
    "stream": "api",
}

__all__ = [
    "Attribution",
    "Check",
    "Claim",
    "ClaimView",
    "Document",
    "Evidence",
    "FactcheckError",
    "Fetching",
    "Finding",
    "FindingView",
    "Ledger",
    "LedgerError",
    "ModelError",
    "Priority",
    "Problem",
    "Progress",
    "Quote",
    "Reading",
    "Report",
    "ReportView",
    "Run",
    "Settings",
    "Usage",
    "UsageError",
    "__version__",
    "acheck",
    "aevidence",
    "check",
    "diff",
    "document_from_text",
    "evidence",
    "exit_code",
    "load_report",
    "load_settings",
    "read",
    "render",
    "stream",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that the command line starts quickly."""
    if name not in _HOME:
        raise AttributeError(f"module 'factcheck' has no attribute {name!r}")
    return getattr(import_module(f"factcheck.{_HOME[name]}"), name)
