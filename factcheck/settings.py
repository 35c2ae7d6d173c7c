"""Settings from flags, the environment and `factcheck.toml`, in that order of precedence."""

from __future__ import annotations

import base64
import os
import re
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from factcheck.errors import UsageError
from factcheck.llm.endpoint import Endpoint
from factcheck.llm.prices import Prices, Rate, price_of
from factcheck.redaction import keep_secret, keep_secrets_of

CONFIG_FILE = "factcheck.toml"
DEFAULT_MODEL = "gpt-5.4-mini"
ALIASED = {f"{who}_{name.upper()}": name for who in ("FACTCHECK", "OPENAI") for name in ("base_url", "api_key")}
SECRET_NAME = re.compile(r"auth|key|token|secret|password|cookie", re.IGNORECASE)
IN_BATCHES: dict[str, Any] = {
    "concurrency": 5_000,
    "deadline": 7 * 24 * 3600.0,
    "failures": 1_000,
    "documents_in_row": 10_000,
}
"""What an endpoint that answers within a day is given: all calls at once, time, and no hasty end of a run."""

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Settings(BaseSettings):
    """What a run needs to know. Every field is also FACTCHECK_<NAME> and a key of factcheck.toml."""

    model_config = SettingsConfigDict(
        env_prefix="FACTCHECK_", toml_file=CONFIG_FILE, extra="forbid", frozen=True, populate_by_name=True
    )

    model: str | None = None
    """Model to ask; in a replay the one that the recordings were made with, if there is only one."""
    base_url: str = Field(
        "https://api.openai.com/v1",
        validation_alias=AliasChoices("FACTCHECK_BASE_URL", "OPENAI_BASE_URL"),
    )
    api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("FACTCHECK_API_KEY", "OPENAI_API_KEY"), exclude=True
    )
    concurrency: int = Field(8, ge=1, le=256)
    deadline: float = Field(300.0, gt=0)
    """Seconds that one call may take in all, retries included."""
    attempts: int = Field(4, ge=1, le=20)
    temperature: float | None = Field(None, ge=0)
    max_output_tokens: int | None = Field(None, gt=0)
    """Tokens that an answer may take; by default relative to what was asked."""
    schema_mode: Literal["auto", "strict", "json", "prompt"] = "auto"
    """How the shape of an answer is asked for; `auto` finds out what the endpoint knows, and remembers it."""
    api: Literal["chat", "responses"] = "chat"
    """Which of OpenAI's APIs is asked: chat completions, which most servers know, or responses."""
    reasoning_effort: str | None = None
    """For models that think, e.g. `low`."""
    service_tier: str | None = None
    """How a provider's computers are shared, e.g. `flex`: half the price, when they have time; see deadline."""
    batch: bool = False
    """Gather requests and ask them through the provider's Batch API, at half the price, within 24 hours."""
    extra_headers: dict[str, SecretStr] = Field({}, exclude=True)
    """More headers of every request, e.g. for a gateway."""
    extra_body: dict[str, Any] = {}
    """More fields of every request, e.g. `{ options = { num_ctx = 16384 } }`."""
    max_tokens: int | None = Field(None, ge=0)
    max_cost: float | None = Field(None, ge=0)
    price_input: float | None = Field(None, ge=0)
    """US dollars for a million input tokens."""
    price_output: float | None = Field(None, ge=0)
    price_cached_input: float | None = Field(None, ge=0)
    """US dollars for a million input tokens that the endpoint had in its cache; as any, where it is not set."""
    window_tokens: int = Field(24_000, ge=2_000)
    """Estimated tokens of articles that one comparison holds; less than the model's context by about 8,000."""
    candidate_tokens: int = Field(4_000, ge=500)
    """Estimated tokens of earlier documents of a ledger that a new one is shown beside, at most."""
    prompts: Path | None = None
    cache: Path | None = None
    use_cache: bool = True
    embedding_model: str | None = None
    """With a ledger: a model of the endpoint's `/embeddings` that helps to find earlier claims in other words."""
    embedding_base_url: str | None = None
    """Where the embedding model is asked, if not at `base_url`."""
    language: str | None = None
    """Of scans, pictures and recordings (ISO 639-1; of scans several with `+`); found out where it is not given."""
    transcription_model: str | None = None
    """A model of an endpoint's `/audio/transcriptions`; without one, recordings are not read."""
    transcription_base_url: str | None = None
    """The endpoint that transcribes; without one, that of the other model."""
    transcription_api_key: SecretStr | None = Field(None, exclude=True)
    """Its key; the other endpoint's key goes nowhere else."""
    transcription_folder: Path | None = None
    """A folder with a model for faster-whisper, to transcribe on this machine."""
    ledger: str | None = None
    """A file or a `postgresql://` address; every check is then compared with it and kept in it."""
    by: str | None = None
    """The name under which decisions are kept, where none is given with them."""

    evidence: tuple[str, ...] = ()
    """Where evidence about claims is looked for in every check: files, folders, `ledger:…`, `searxng:…` and so on."""
    max_claims: int | None = Field(None, ge=1)
    """Claims for which evidence is looked for at most, the most worthwhile first."""
    google_key: SecretStr | None = Field(None, exclude=True)
    """For the source `google:`, Google's Fact Check Tools API."""
    brave_key: SecretStr | None = Field(None, exclude=True)
    """For the source `brave:`, the Search API of Brave."""
    contact: str | None = None
    """How the operators of Wikipedia and other services reach you, e.g. a mail address; sent with every question."""
    pause: float = Field(5.0, ge=0)
    """Seconds between two requests to the same host, for watched sources."""
    webhook: str | None = Field(None, exclude=True, repr=False)
    """An address that is told of new strong findings and of decisions, e.g. of a chat; it may be a secret itself."""
    webhook_secret: SecretStr | None = Field(None, exclude=True)
    """What signs the messages; one that begins with `whsec_` goes on in base64."""
    webhook_private: bool = False
    """Whether the webhook's host may be on a private network; one that is named by its number may in any case."""

    @field_validator("webhook")
    @classmethod
    def _webhook(cls, value: str | None) -> str | None:
        """An address of a web server; its path and query are known as secrets from here on."""
        if value is None:
            return None
        parts = urlsplit(value.strip())
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ValueError("is no address of a web server; write https://…, without a user")
        keep_secrets_of(value)
        keep_secret(parts.path.strip("/"))
        return value.strip()

    @field_validator("webhook_secret")
    @classmethod
    def _webhook_key(cls, value: SecretStr | None) -> SecretStr | None:
        """A key that can be used; known from here on."""
        if value is None:
            return None
        key = value.get_secret_value().strip()
        keep_secret(key)
        if key.startswith("whsec_"):
            base64.b64decode(key.removeprefix("whsec_"), validate=True)
        return SecretStr(key) if key else None

    @field_validator("base_url", "embedding_base_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        """An address as people type it; its secrets are known from here on."""
        if value is None:
            return None
        keep_secrets_of(value)
        return address_of(value)

    @field_validator("ledger")
    @classmethod
    def _ledger(cls, value: str | None) -> str | None:
        """A place; its password is known from here on."""
        if value is not None and "://" in value:
            keep_secrets_of(value)
        return value

    @field_validator("api_key", "google_key", "brave_key")
    @classmethod
    def _key(cls, value: SecretStr | None) -> SecretStr | None:
        """A key without the white space of copying; known from here on."""
        if value is None:
            return None
        key = value.get_secret_value().strip()
        keep_secret(key)
        return SecretStr(key) if key else None

    @field_validator("extra_headers")
    @classmethod
    def _headers(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        """Headers; those that let one in are secret."""
        keep_secret(*(v.get_secret_value() for name, v in value.items() if SECRET_NAME.search(name)))
        keep_secret(*(v.get_secret_value().split()[-1] for n, v in value.items() if v and SECRET_NAME.search(n)))
        return value

    @field_validator("extra_body")
    @classmethod
    def _body(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Fields; keys of other services among them are secret."""
        keep_secret(*(v for name, v in value.items() if isinstance(v, str) and SECRET_NAME.search(name)))
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags first, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    def prices(self, model: str) -> Prices | None:
        """What this model costs: as set, else by the list, unless it runs on this machine; None where unknown."""
        if self.price_input is not None and self.price_output is not None:
            return Prices(self.price_input, self.price_output, None, self.price_cached_input, self.rate)
        listed = self.service_tier in {None, "auto", "default", "flex"} or self.batch
        return price_of(model, self.rate) if listed and not self.is_local else None

    @property
    def rate(self) -> Rate:
        """Which prices hold."""
        return "batch" if self.batch else "flex" if self.service_tier == "flex" else "standard"

    @property
    def is_local(self) -> bool:
        """Whether the endpoint is on this machine; then no key is needed."""
        return (urlsplit(self.base_url).hostname or "") in LOOPBACK

    def transcription(self) -> Settings:
        """The settings by which recordings are transcribed."""
        url = self.transcription_base_url or self.base_url
        same = urlsplit(url)[:2] == urlsplit(self.base_url)[:2]
        key = self.transcription_api_key or (self.api_key if same else None)
        limits: dict[str, Any] = {"max_tokens": None, "max_cost": None, "batch": False}
        limits |= {} if same else {"extra_headers": {}}
        return self.model_copy(update={"base_url": url, "api_key": key, "model": self.transcription_model, **limits})

    def cache_folder(self) -> Path:
        """Where answers are kept between runs, apart for each endpoint."""
        root = self.cache or platformdirs.user_cache_path("factcheck") / "answers"
        host = urlsplit(self.base_url)
        return root / f"{host.hostname or 'endpoint'}-{host.port or 'default'}"

    def evidence_folder(self) -> Path:
        """Where indexes of reference documents are kept, and what sources of evidence gave."""
        return (self.cache or platformdirs.user_cache_path("factcheck")) / "evidence"

    def traits_folder(self) -> Path | None:
        """Where is kept what the endpoint turned out to take, or None."""
        return self.cache_folder() if self.use_cache else None

    def batches_folder(self) -> Path:
        """Where submitted batches are noted until their answers are here, apart for each endpoint; no cache."""
        root = self.cache or platformdirs.user_state_path("factcheck")
        return root / "batches" / self.cache_folder().name

    def endpoint(self, model: str | None = None) -> Endpoint:
        """The endpoint to ask."""
        shared = {f.name: getattr(self, f.name) for f in fields(Endpoint) if f.name in type(self).model_fields}
        chosen = model or self.model or DEFAULT_MODEL
        own: dict[str, Any] = {
            "model": chosen,
            "api_key": self.api_key.get_secret_value() if self.api_key else None,
            "extra_headers": {name: value.get_secret_value() for name, value in self.extra_headers.items()},
            "prices": self.prices(chosen),
        }
        own |= IN_BATCHES if self.batch else {}
        return Endpoint(**{**shared, **own})


def address_of(given: str) -> str:
    """An endpoint's address as people type it: without a scheme, a version, or with the path of a call behind it."""
    text = given.strip().rstrip("/")
    if "://" not in text:
        host = text.split("/", 1)[0].rsplit("@", 1)[-1]
        name = host.rsplit(":", 1)[0].strip("[]")
        is_near = name in LOOPBACK or "." not in name or re.fullmatch(r"[\d.]+|[\da-fA-F:]+", name)
        text = f"{'http' if is_near else 'https'}://{text}"
    parts = urlsplit(text)
    path = re.sub(r"/(chat/)?completions$|/embeddings$", "", parts.path.rstrip("/"))
    return urlunsplit(parts._replace(path=path or "/v1"))


def load_settings(**flags: Any) -> Settings:
    """Settings from flags, the environment and `factcheck.toml`; a flag that is None was not given.

    Flags are the fields of `Settings`. Raises UsageError, which names the setting and where it came from.

    >>> factcheck.load_settings(model="gpt-5.4-mini", max_cost=0.5, deadline=60).deadline
    60.0
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        name = ALIASED.get(name, name)
        raise UsageError(f"setting {name}: {first['msg']} ({_origin(name, given)})") from None
    except ValueError as error:  # TOML that cannot be parsed
        raise UsageError(f"{CONFIG_FILE}: {error}") from None
    if settings.max_cost is not None and settings.prices(settings.model or DEFAULT_MODEL) is None:
        raise UsageError("--max-cost needs prices: set price_input and price_output (US dollars for a million tokens)")
    return settings


def _origin(name: str, given: dict[str, Any]) -> str:
    if name in given:
        return "from the command line"
    for variable in (f"FACTCHECK_{name.upper()}", f"OPENAI_{name.upper()}"):
        if variable in os.environ:
            return f"from {variable}"
    return f"from {CONFIG_FILE} or the environment"
