"""Count tokens: exactly where tiktoken's data is on this machine, else by an estimate that says so.

tiktoken downloads its data at first use, without a timeout; factcheck only uses data that is already
there, in its own cache folder or in the one that TIKTOKEN_CACHE_DIR names. `factcheck tokenizer`
installs it.
"""

from __future__ import annotations

import hashlib
import math
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import platformdirs

from factcheck.errors import UsageError
from factcheck.models import CountedBy

if TYPE_CHECKING:
    import tiktoken

BYTES_PER_TOKEN = 4
MARGIN = 1.2
"""The estimate is UTF-8 bytes / 4 and a fifth more, so that it rather counts too many."""


class Vocabulary(NamedTuple):
    """Where tiktoken gets an encoding's data, and the SHA-256 that it must have (from tiktoken 0.9)."""

    url: str
    sha256: str


VOCABULARIES = {
    "o200k_base": Vocabulary(
        "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    ),
    "cl100k_base": Vocabulary(
        "https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
}


class Count(NamedTuple):
    """A number of tokens and who counted them."""

    tokens: int
    counted_by: CountedBy


def estimate(text: str) -> int:
    """Tokens by size alone: the same on every machine, so that passages are cut alike everywhere."""
    return math.ceil(len(text.encode("utf-8", "surrogatepass")) / BYTES_PER_TOKEN * MARGIN)


def count(text: str, model: str) -> Count:
    """Tokens of a text for a model, by tiktoken where it knows the model and its data is here."""
    encoding = _encoding(model)
    if encoding is None:
        return Count(estimate(text), "estimate")
    return Count(len(encoding.encode(text, disallowed_special=())), "tiktoken")


def data_folder() -> Path:
    """Where tokenizer data is looked for."""
    named = os.environ.get("TIKTOKEN_CACHE_DIR")
    return Path(named) if named else platformdirs.user_cache_path("factcheck") / "tiktoken"


def encoding_name(model: str) -> str | None:
    """The encoding that tiktoken uses for a model, or None where it does not know the model."""
    from tiktoken.model import encoding_name_for_model  # noqa: PLC0415  (costs start-up time)

    try:
        return encoding_name_for_model(model)
    except KeyError:
        return None


def is_installed(encoding: str) -> bool:
    """Whether an encoding's data is here and intact."""
    vocabulary = VOCABULARIES.get(encoding)
    if vocabulary is None:
        return False
    try:
        data = (data_folder() / _file_name(vocabulary)).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(data).hexdigest() == vocabulary.sha256


def install(encoding: str, file: Path | None = None, *, timeout: float = 60.0) -> Path:
    """Put an encoding's data where `count` finds it, from a file or by downloading it.

    Raises UsageError when the data cannot be had or is not what tiktoken expects.
    """
    vocabulary = VOCABULARIES.get(encoding)
    if vocabulary is None:
        raise UsageError(f"{encoding}: unknown encoding; known are {', '.join(VOCABULARIES)}")
    try:
        data = file.read_bytes() if file else _download(vocabulary.url, timeout)
    except OSError as error:
        raise UsageError(f"{file or vocabulary.url}: cannot be read ({error})") from None
    if hashlib.sha256(data).hexdigest() != vocabulary.sha256:
        raise UsageError(f"{file or vocabulary.url}: is not the data of {encoding} (its hash differs)")
    target = data_folder() / _file_name(vocabulary)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    _encoding.cache_clear()
    return target


def _download(url: str, timeout: float) -> bytes:
    import httpx  # noqa: PLC0415  (only needed here)

    try:
        response = httpx.get(url, timeout=timeout, follow_redirects=True)
        response.raise_for_status()
    except httpx.HTTPError as error:
        raise UsageError(f"{url}: could not be downloaded ({error}); give the file instead") from None
    return response.content


@lru_cache(maxsize=16)
def _encoding(model: str) -> tiktoken.Encoding | None:
    name = encoding_name(model)
    if name is None or not is_installed(name):
        return None
    import tiktoken  # noqa: PLC0415  (costs start-up time)

    os.environ["TIKTOKEN_CACHE_DIR"] = str(data_folder())  # where we looked, so that it never downloads
    return tiktoken.get_encoding(name)


def _file_name(vocabulary: Vocabulary) -> str:
    """The name under which tiktoken caches a download: the SHA-1 of its address."""
    return hashlib.sha1(vocabulary.url.encode()).hexdigest()  # noqa: S324  (tiktoken's naming, not security)
