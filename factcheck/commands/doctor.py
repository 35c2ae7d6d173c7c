"""`factcheck doctor`: what is configured, what the endpoint takes, and what that costs."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import httpx2

from factcheck.api import close_chat, transport_for
from factcheck.errors import ModelError
from factcheck.keys import with_key
from factcheck.llm import tokens
from factcheck.llm.answers import Wire
from factcheck.llm.client import Chat
from factcheck.llm.endpoint import Endpoint, limit_name, output_limit
from factcheck.llm.prompts import Filled, Prompt, fill, load_prompts
from factcheck.llm.traits import SCHEMA_WORDS, Traits, first_limit, remembered
from factcheck.plural import counted
from factcheck.redaction import redacted, shown
from factcheck.settings import Settings


class Check(NamedTuple):
    """One line of `factcheck doctor`; `optional` ones may fail without making the set-up unusable."""

    name: str
    ok: bool
    message: str
    optional: bool = False


class _Ping(Wire):
    word: str
    number: int
    parts: list[str]
    nothing: str | None


PING = Prompt(
    name="doctor",
    version=1,
    purpose="Whether the endpoint answers in a schema.",
    inputs=("filler",),
    untrusted=(),
    system='Answer with {"word": "ready", "number": 7, "parts": ["a"], "nothing": null} and nothing else.',
    user="$filler Are you there?",
    digest="",
)


TRIED = ("The harbour opened in May", 1)
"""What every source of evidence is asked, and for how many documents."""


def diagnose(settings: Settings, *, context: int = 0, network: httpx2.AsyncBaseTransport | None = None) -> list[Check]:
    """What is configured, what the endpoint takes, and how tokens and costs are counted; asks the endpoint once.

    `context` is a number of words that are sent with the question, to see whether the server reads them all.
    """
    is_set = settings.api_key is not None
    settings = settings if network else with_key(settings)
    endpoint = settings.endpoint()
    prompts = load_prompts(settings.prompts)
    has_key = settings.api_key is not None
    missing = "not needed on this machine" if settings.is_local else "not set; set OPENAI_API_KEY"
    key = "is set" if is_set else "is in the keyring" if has_key else missing
    checks = [
        Check("model", ok=True, message=f"{endpoint.model} at {shown(endpoint.place)}"),
        Check("key", has_key or settings.is_local, key),
        Check("prompts", ok=True, message=", ".join(p.fingerprint for p in prompts.values())),
        *_ask(settings, endpoint, context, network),
        *_sources(settings, network),
        _tokens(endpoint.model),
        _prices(endpoint),
        Check("cache", ok=True, message=str(settings.cache_folder()) if settings.use_cache else "off"),
    ]
    return [check._replace(message=redacted(check.message)) for check in checks]


def _ask(
    settings: Settings, endpoint: Endpoint, context: int, network: httpx2.AsyncBaseTransport | None
) -> list[Check]:
    if settings.api_key is None and not settings.is_local and not settings.extra_headers and network is None:
        return [Check("endpoint", ok=False, message="not asked: there is no key")]
    known = remembered(settings.traits_folder(), endpoint.place, endpoint.model)
    traits = Traits(limit=first_limit(endpoint.base_url), told=known.told)
    transport = transport_for(settings, None, record=None, replay=None, network=network)
    chat = Chat(endpoint, transport, traits=traits)
    filled = fill(PING, {"filler": " ".join(str(n) for n in range(context))}, expected_output=40)

    async def ask() -> list[Check]:
        try:
            return [*await _endpoint(chat, filled), *await _embeddings(chat, endpoint)]
        finally:
            await close_chat(chat, settings, replay=None)

    return asyncio.run(ask())


async def _endpoint(chat: Chat, filled: Filled) -> list[Check]:
    traits = chat.line.traits
    try:
        reply = await chat.ask(filled, _Ping)
    except ModelError as error:
        return [Check("endpoint", ok=False, message=str(error))]
    mode = traits.mode if not traits.is_fixed else chat.endpoint.schema_mode
    refused = f"; refuses {', '.join(sorted(traits.refused))}" if traits.refused else ""
    name = limit_name(chat.endpoint, traits)
    limit = output_limit(chat.endpoint, filled, traits) if name not in traits.refused else None
    honoured = "the answer fits its schema" if not reply.errors else f"the answer does not fit: {reply.errors[0]}"
    told = ", ".join(f"{n} × {what}" for what, n in traits.told.most_common(5))
    return [
        Check("endpoint", ok=True, message="answers"),
        Check("schema", not reply.errors, f"{SCHEMA_WORDS.get(mode, mode)}; {honoured}{refused}", optional=True),
        Check("output", ok=True, message=f"limited by {name}" if limit else "not limited: it takes no limit"),
        Check("forms", ok=True, message=f"read from another form: {told}" if told else "values come as asked for"),
        _context(reply.warning, filled),
    ]


def _sources(settings: Settings, network: httpx2.AsyncBaseTransport | None) -> list[Check]:
    """Whether each source of evidence that is set answers; each is asked one question."""
    if not settings.evidence:
        return []
    from factcheck.sources.named import sources_for
    from factcheck.sources.results import Query

    live = settings.model_copy(update={"use_cache": False})
    sources, problems = sources_for(settings.evidence, live, network=network)
    checks = [Check("evidence", ok=False, message=problem.message, optional=True) for problem in problems]
    for source in sources:
        (result,) = asyncio.run(source.search([Query(TRIED[0], limit=TRIED[1])]))
        failed = result.search.problem or next((p.message for p in result.problems if not result.found), None)
        answer = f"answers, with {counted(result.search.hits, 'document')} for “{result.search.query}”"
        message = failed or answer
        named = message if source.name in message else f"{source.name}: {message}"
        checks.append(Check("evidence", failed is None, named, optional=True))
    return checks


def _context(warning: str | None, filled: Filled) -> Check:
    words = len(filled.messages[1]["content"].split())
    message = warning or f"{words:,} words were read; try more with --context, e.g. --context 8000"
    return Check("context", warning is None, message, optional=True)


async def _embeddings(chat: Chat, endpoint: Endpoint) -> list[Check]:
    if endpoint.embedding_model is None:
        return []
    where = shown(endpoint.embedding_base_url or endpoint.base_url)
    try:
        (vector,) = await chat.embed(["The harbour opened in May."], endpoint.embedding_model)
    except ModelError as error:
        return [Check("embeddings", ok=False, message=f"{endpoint.embedding_model} at {where}: {error}", optional=True)]
    message = f"{endpoint.embedding_model} at {where}: {len(vector)} numbers a claim"
    return [Check("embeddings", ok=True, message=message)]


def _tokens(model: str) -> Check:
    name = tokens.encoding_name(model)
    if name is None:
        message = f"estimated from bytes: tiktoken does not know {model}; answers are counted by the endpoint"
        return Check("tokens", ok=True, message=message)
    if tokens.is_installed(name):
        return Check("tokens", ok=True, message=f"counted exactly with {name}")
    message = f"estimated from bytes; for exact counts run: factcheck tokenizer {name}"
    return Check("tokens", ok=False, message=message, optional=True)


def _prices(endpoint: Endpoint) -> Check:
    if endpoint.prices is None:
        return Check("prices", ok=True, message="unknown; set price_input and price_output to see what runs cost")
    origin = f"list prices of {endpoint.prices.as_of}" if endpoint.prices.as_of else "as set"
    price = f"{endpoint.prices.input:g} in, {endpoint.prices.output:g} out"
    return Check("prices", ok=True, message=f"{price} US dollars for a million tokens ({origin})")
