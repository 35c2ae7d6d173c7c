"""The process in which foreign formats are read: bounded memory and time, no secrets, one reply a request.

It is started by `sandbox.py` and speaks with it over pipes: a line of JSON and the bytes in, a line of JSON out.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Literal

from pydantic import BaseModel, ConfigDict

from factcheck.inputs.article import Article, Inside, Listed, Original, Part, Unread, UnreadableError
from factcheck.inputs.kinds import Kind, read_as
from factcheck.inputs.limits import CPU_SECONDS, bound, bound_memory


class Request(BaseModel):
    """What is asked of the process; the bytes of the original follow."""

    kind: Kind
    place: str
    media_type: str | None
    charset: str | None
    url: str | None
    language: str | None
    length: int


Tagged = (
    tuple[Literal["article"], Article]
    | tuple[Literal["unread"], Unread]
    | tuple[Literal["listed"], Listed]
    | tuple[Literal["inside"], Inside]
)


class Reply(BaseModel):
    """What was found, or why nothing could be."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    parts: list[Tagged] = []
    error: tuple[str, str] | None = None


def serve() -> None:
    """Answer requests on standard input until it ends."""
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the replies
    bound_memory()
    while head := source.readline():
        request = Request.model_validate_json(head)
        content = source.read(request.length)
        bound(CPU_SECONDS)
        sink.write(_reply(request, content).model_dump_json().encode() + b"\n")
        sink.flush()


def _reply(request: Request, content: bytes) -> Reply:
    original = Original(request.place, content, request.media_type, request.charset, request.url, request.language)
    try:
        return Reply.model_construct(parts=[_tagged(_whole(part)) for part in read_as(request.kind, original)])
    except UnreadableError as error:
        return Reply(error=(error.code, str(error)))
    except (MemoryError, RecursionError):
        return Reply(error=("bomb", "takes more memory than an article can need; it may be built to"))
    except Exception as error:  # noqa: BLE001  (a library that trips over a broken file is no crash of ours)
        return Reply(error=("damaged", f"is damaged or not what its name says ({type(error).__name__}); save it again"))


def _whole(part: Part) -> Part:
    """The part if all of its characters are whole, so that it can be handed over; else why it cannot be read."""
    if isinstance(part, Article) and re.search("[\ud800-\udfff]", part.text):
        return Unread("encoding", "holds half a character (a lone surrogate)", part.part)
    return part


def _tagged(part: Part) -> Tagged:
    match part:
        case Article():
            return ("article", part)
        case Unread():
            return ("unread", part)
        case Listed():
            return ("listed", part)
        case Inside():
            return ("inside", part)
