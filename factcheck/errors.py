"""Every error that factcheck raises on purpose.

    FactcheckError
    ├── UsageError            wrong options, settings, prompts or input      exit 2
    │   └── Conflict          somebody wrote about the same finding meanwhile   exit 2
    ├── LedgerError           the ledger cannot be opened, read or written   exit 4
    ├── SourceError           a source of evidence could not be asked, or not understood; a problem of its results
    └── ModelError            the model could not be asked, or not understood  exit 4
        ├── code "refused", "filtered", "truncated", "empty", "malformed"    the answer
        ├── code "unauthorized", "forbidden", "not_found", "quota",
        │        "budget", "interrupted", "no_key"                           ends the run's calls
        ├── code "bad_request"                                               this request only
        ├── code "rate_limited", "timeout", "connection", "server_error"     after the retries
        └── code "replay_miss"                                               no recording

A message is one line that names the place and says what to do. `CODES` says what each code of an error or of a
report's problem means.
"""

from __future__ import annotations

from factcheck.redaction import redacted

OF_THE_TEXT = frozenset({"refused", "filtered", "truncated", "empty", "malformed"})
"""Codes that depend on what was asked: the same request would most likely fail again."""

STOPS_RUN = frozenset({"unauthorized", "forbidden", "not_found", "quota", "budget", "interrupted", "no_key"})
"""Codes after which asking again, about any document, is pointless."""

OF_THE_ENDPOINT = STOPS_RUN | {"bad_request", "rate_limited", "timeout", "connection", "server_error", "replay_miss"}
"""Codes that have nothing to do with the text: the same request may well be answered later."""


INCOMPLETE_STAGES = frozenset({"split", "extract", "who", "judge", "review", "sources", "weigh"})
NOT_INCOMPLETE = frozenset(
    {"begins_hidden", "duplicate", "front_matter", "hidden_text", "not_shown", "other_origin", "recognised"}
    | {"no_times", "transcribed", "unsure"}
    | {"charset", "feed_text", "quoted_mail", "struck_text", "unknown_field", "unknown_kind"}
)
REJECTED = frozenset(
    {"no_quote", "not_in_text", "wrong_sentence"}
    | {"unknown_sentence", "unknown_source", "unknown_claim", "addresses_machine", "no_conflict"}
)
"""Codes of what an answer said and code refused: the answer came, and the guard did its work."""

NOTICES = frozenset({"adapted", "batch", "left_over"})
"""Codes of what a reader should know and nothing was lost by."""

CODES = {
    # an original could not be read, or not wholly
    "illegible": "the words of a picture could not be recognised with enough confidence",
    "no_times": "a transcription has no times",
    "transcribed": "a machine wrote the words down from speech",
    "unsure": "a machine is not sure of the words that it recognised or heard",
    "untrusted": "the text layer of a page is not what the page shows",
    "address": "an address is none, or cannot be looked up",
    "attachment": "a part of a mail was left out",
    "begins_hidden": "hidden text begins in the middle of what is shown",
    "binary": "a file is no text",
    "bomb": "an original takes more memory or time than an article can need",
    "charset": "a mail is not in the encoding that it declares, and was read in another one",
    "columns": "a table lacks the columns of articles",
    "connection": "a server cannot be reached",
    "damaged": "an original is damaged, or not what its name says",
    "depth": "folders are nested too deeply",
    "duplicate": "a document was given twice",
    "empty": "there is no text, or no answer",
    "encoding": "the bytes are not in the encoding that they claim",
    "encrypted": "an original is protected by a password",
    "extra": "a kind of file needs a part that is not installed",
    "feed_text": "a page was not read, and the text is that of the feed that lists it",
    "front_matter": "a field at the head of a document cannot be used",
    "hidden_text": "words that readers cannot see were taken out",
    "limit": "there are too many documents",
    "missing": "there is no such file",
    "other_origin": "a version or correction comes from elsewhere than the article; a person decides",
    "private_address": "an address is on this machine or on a private network",
    "quoted_mail": "an earlier mail within a mail does not say whose it is, or is answered between its lines",
    "recognised": "the text was recognised from pictures",
    "redirects": "a page moves on too often",
    "robots": "a site's robots.txt asks programs to leave an address out, or cannot be read",
    "scanned": "a page is a picture without text",
    "snapshot": "a kept page cannot be used",
    "status": "a page's server answered with an error",
    "struck_text": "words that are struck through were left out",
    "too_long": "an original is longer than can be read",
    "unknown_field": "fields at the head of a document have names that are not known",
    "unknown_kind": "a file has an ending that is not known, and was read as text",
    "unreadable": "a file cannot be opened",
    "unsupported": "a kind of file is not read",
    # a source of evidence could not be asked, or not wholly
    "embeddings": "the embeddings of a folder of evidence cannot be used",
    "index": "the index of a folder of evidence cannot be used",
    "ledger": "the ledger that is a source of evidence cannot be opened or read",
    "unknown_scheme": "the name of a source of evidence begins with a scheme that is not known",
    # the model could not be asked
    "bad_request": "the endpoint did not accept a request",
    "budget": "the next call could pass --max-tokens or --max-cost",
    "forbidden": "the key may not do this",
    "interrupted": "somebody pressed Ctrl-C",
    "no_key": "there is no key",
    "not_found": "there is no such model or address",
    "quota": "the account's credit is used up",
    "rate_limited": "too many calls at once, to the last attempt",
    "replay_miss": "there is no recording of a request, or of a page",
    "server_error": "the server failed, to the last attempt",
    "timeout": "no answer came in time",
    "unauthorized": "the key was not accepted",
    "adapted": "a form of the request that the endpoint refuses was replaced (a notice)",
    "batch": "a batch did not end as it should; what it left open was asked again, or is named (a notice)",
    # the answer could not be used, or not wholly
    "filtered": "the provider's filter held an answer back",
    "malformed": "an answer, or a part of it, could not be read",
    "refused": "the model refused",
    "shortened": "the server did not read all that it was sent",
    "truncated": "an answer was cut off, or a request was too long",
    # what the answer said was refused by code
    "addresses_machine": "a document speaks to the program that reads it; it is compared alone, or not weighed",
    "no_conflict": "a second look did not see that evidence bears on a statement as was said",
    "no_quote": "a statement has no words",
    "not_in_text": "words do not stand in the document",
    "not_shown": "no sentence shows that two names are one",
    "unknown_claim": "a number is that of no statement",
    "unknown_document": "a name is that of no document",
    "unknown_sentence": "a number is that of no sentence",
    "unknown_source": "a name or number is that of no source",
    "wrong_sentence": "words stand in another sentence than was said",
    # something is left to do
    "incomplete": "a finding or evidence had no second look, or a statement was not weighed",
    "left_over": "statements were not looked into, as was asked (a notice)",
    "waits": "a copy of a document waits for its original",
}
"""What the code of an error or of a problem means."""


class FactcheckError(Exception):
    """The root: anything that a caller may want to catch. Its message holds no secret."""

    def __init__(self, message: str = "") -> None:
        super().__init__(redacted(message))


class UsageError(FactcheckError):
    """The request itself is wrong: options, settings, prompts or input."""


class Conflict(UsageError):  # noqa: N818  (nothing is wrong with the request itself)
    """Somebody else wrote about the same finding after what the caller had seen; these are the fields of that entry."""

    def __init__(self, message: str, *, seq: int, action: str, by: str, at: str, note: str = "") -> None:
        super().__init__(message)
        self.seq = seq
        self.action = action
        self.by = by
        self.at = at
        self.note = note


class LedgerError(FactcheckError):
    """The ledger cannot be opened, read or written; nothing that it acknowledged is lost."""


class SourceError(FactcheckError):
    """A source of evidence could not be asked, or not understood; `is_final` where asking on is no use."""

    def __init__(self, code: str, message: str, *, is_final: bool = False) -> None:
        super().__init__(message.encode("utf-8", "replace").decode())
        self.code = code
        self.is_final = is_final


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
