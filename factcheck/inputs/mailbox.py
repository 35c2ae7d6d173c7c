"""Read mailboxes (mbox): each mail inside is read on its own."""

from __future__ import annotations

import re

from factcheck.inputs.article import Inside, Original, Part, UnreadableError

ENVELOPE = re.compile(rb"^From [^\r\n]*\d{4}[^\r\n]*\r?\n(?=[!-9;-~]+:)", re.MULTILINE)
QUOTED_ENVELOPE = re.compile(rb"^>(>*From )", re.MULTILINE)


def read_mbox(original: Original) -> list[Part]:
    """The mails of a mailbox. Raises UnreadableError."""
    content = original.content.removeprefix(b"\xef\xbb\xbf")
    begins = list(ENVELOPE.finditer(content))
    if not begins:
        raise UnreadableError(
            "damaged", "is no mailbox (no mail begins with a line like From a@b Mon Mar 4 10:00:00 2024)"
        )
    ends = [*(match.start() for match in begins[1:]), len(content)]
    mails = [content[match.end() : end] for match, end in zip(begins, ends, strict=True)]
    return [Inside(f"mail {n}", QUOTED_ENVELOPE.sub(rb"\1", mail), "message/rfc822") for n, mail in enumerate(mails, 1)]
