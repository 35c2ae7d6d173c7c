"""Every error that factcheck raises on purpose.

    FactcheckError
    ├── UsageError            wrong options, settings, prompts or input      exit 2
    ├── LedgerError           the ledger cannot be opened, read or written   exit 4
    └── ModelError            the model could not be asked, or not understood  exit 4
        ├── code "refused", "filtered", "truncated", "empty", "malformed"    the answer
        ├── code "unauthorized", "forbidden", "not_found", "quota",
        │        "budget", "interrupted", "no_key"                           ends the run's calls
        ├── code "bad_request"                                               this request only
        ├── code "rate_limited", "timeout", "connection", "server_error"     after the retries
        └── code "replay_miss"                                               no recording

A message is one line that names the place and says what to do.
"""

from __future__ import annotations

from factcheck.redaction import redacted

OF_THE_TEXT = frozenset({"refused", "filtered", "truncated", "empty", "malformed"})
"""Codes that depend on what was asked: the same request would most likely fail again."""

STOPS_RUN = frozenset({"unauthorized", "forbidden", "not_found", "quota", "budget", "interrupted", "no_key"})
"""Codes after which asking again, about any document, is pointless."""

OF_THE_ENDPOINT = STOPS_RUN | {"bad_request", "rate_limited", "timeout", "connection", "server_error", "replay_miss"}
"""Codes that have nothing to do with the text: the same request may well be answered later."""


class FactcheckError(Exception):
    """The root: anything that a caller may want to catch. Its message holds no secret."""

    def __init__(self, message: str = "") -> None:
        super().__init__(redacted(message))


class UsageError(FactcheckError):
    """The request itself is wrong: options, settings, prompts or input."""


class LedgerError(FactcheckError):
    """The ledger cannot be opened, read or written; nothing that it acknowledged is lost."""


class ModelError(FactcheckError):
    """The model could not be asked, or its answer could not be used.

    `code` names the reason (see the module's head); `retry_after` is in seconds; `status` is the endpoint's, and
    `parameter` the part of the request that it refused, where it names one.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
        parameter: str | None = None,
    ) -> None:
        super().__init__(message.encode("utf-8", "replace").decode())  # half characters cannot be written out
        self.code = code
        self.retryable = retryable
        self.retry_after = retry_after
        self.status = status
        self.parameter = parameter
