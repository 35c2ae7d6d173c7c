"""What an endpoint and its model turned out to take; remembered between runs, so that it is found out once."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from factcheck.errors import ModelError
from factcheck.llm.responses import form_of

Mode = Literal["strict", "json", "prompt"]
MODES: tuple[Mode, ...] = ("strict", "json", "prompt")
"""How a schema is asked for, from the surest way to the one that every endpoint knows."""

LIMITS = ("max_completion_tokens", "max_tokens")
NEGOTIABLE = frozenset({400, 404, 415, 422, 500, 501})
SCHEMA_WORDS = {
    "strict": "strict schemas",
    "json": "JSON mode, with the schema in the prompt",
    "prompt": "the schema in the prompt",
}


@dataclass
class Traits:
    """What is known of one model at one endpoint."""

    mode: Mode = "strict"
    is_fixed: bool = False
    """Whether the user chose the mode, so that it is kept."""
    is_known: bool = False
    """Whether an answer came in this mode."""
    limit: str = LIMITS[0]
    """The name of the parameter that limits the output."""
    refused: set[str] = field(default_factory=set)
    """Parameters that were refused by name and are left out."""
    thinks: bool = False
    """Whether it was seen to think before it answers, which takes output, too."""
    told: Counter[str] = field(default_factory=Counter)
    """How often which field was read from another form."""
    news: list[str] = field(default_factory=list)
    """What was found out in this run."""

    def adapt(self, error: ModelError, body: dict[str, Any]) -> bool:
        """Learn from a refusal; whether the request may be sent again in another form."""
        if error.status not in NEGOTIABLE or error.code not in {"bad_request", "not_found"}:
            return False
        name = error.parameter
        if name in LIMITS and name in body:
            return self._other_limit(name)
        if name and name != "response_format":
            if name not in self.refused:
                self.refused.add(name)
                self.news.append(f"it refuses {name}, which is left out from now on")
            return True
        if self.is_fixed or error.code != "bad_request" or (name is None and self.is_known):
            return False
        return self._next_mode(mode_of(body))

    def _other_limit(self, name: str) -> bool:
        if self.limit == name and name not in self.refused:
            other = LIMITS[1 - LIMITS.index(name)]
            self.refused.add(name)
            self.limit = other
            self.news.append(f"it refuses {name}, which is left out from now on")
        return True

    def _next_mode(self, sent: Mode) -> bool:
        """Go one mode down, unless another call has done so since."""
        if sent == self.mode:
            if self.mode == MODES[-1]:
                return False
            self.mode = MODES[MODES.index(self.mode) + 1]
            self.is_known = False
        return True

    def confirm(self, sent: Mode) -> None:
        """An answer came in this mode."""
        if not self.is_known and sent == self.mode:
            self.is_known = True
            if sent != MODES[0] and not self.is_fixed:
                self.news.append(f"it is asked with {SCHEMA_WORDS[sent]}, since it refuses {SCHEMA_WORDS['strict']}")


def mode_of(body: dict[str, Any]) -> Mode:
    """How a request asks for its schema."""
    shape = form_of(body).get("type")
    return "strict" if shape == "json_schema" else "json" if shape else "prompt"


def first_limit(base_url: str) -> str:
    """What most servers call the limit of the output; OpenAI and Azure have another name for it."""
    hosted = any(host in base_url for host in ("api.openai.com", ".azure.com"))
    return LIMITS[0] if hosted else LIMITS[1]


def remembered(folder: Path | None, base_url: str, model: str) -> Traits:
    """What earlier runs found out; a file that cannot be read is as good as none."""
    fresh = Traits(limit=first_limit(base_url))
    if folder is None:
        return fresh
    try:
        kept = json.loads(_file(folder, base_url, model).read_text(encoding="utf-8"))
        mode, limit = kept["mode"], kept["limit"]
        if mode not in MODES or limit not in LIMITS:
            return fresh
        told = Counter({str(name): int(number) for name, number in kept["told"].items()})
        refused = {str(name) for name in kept["refused"]}
        thinks = bool(kept["thinks"])
        return Traits(mode, is_known=True, limit=limit, refused=refused, thinks=thinks, told=told)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return fresh


def remember(traits: Traits, folder: Path, base_url: str, model: str) -> None:
    """Keep what was found out; a folder that cannot be written costs the next run a few refusals."""
    if not traits.is_known:
        return
    path = _file(folder, base_url, model)
    kept = {
        "model": model,
        "mode": traits.mode,
        "limit": traits.limit,
        "refused": sorted(traits.refused),
        "thinks": traits.thinks,
        "told": dict(sorted(traits.told.items())),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError:
        return


def _file(folder: Path, base_url: str, model: str) -> Path:
    """One file an endpoint and model, under a name that tells neither."""
    return folder / f"traits-{hashlib.sha256(f'{base_url} {model}'.encode()).hexdigest()[:12]}.json"
