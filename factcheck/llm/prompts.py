"""Prompts are Markdown files with a YAML head and `$name` slots; this module finds and fills them.

A file is named `<name>.v<N>.md`; the highest version of a name is used. `# system` and `# user` part its
messages. Slots that hold untrusted text stand inside a tag that the text cannot close (`$tag`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

import yaml

from factcheck.errors import UsageError

INSTALLED = Path(__file__).parent / "prompt_files"
"""Where a wheel has them; an editable install reads the checkout's `prompts/`, which the wheel is made from."""

CHECKOUT = Path(__file__).parent.parent.parent / "prompts"
FILE_NAME = re.compile(r"(?P<name>[a-z][a-z0-9-]*)\.v(?P<version>\d+)\.md")
SECTION = re.compile(r"^# (system|user)[ \t]*$", re.MULTILINE)


class Prompt(NamedTuple):
    """A prompt as it stands in its file."""

    name: str
    version: int
    purpose: str
    inputs: tuple[str, ...]
    untrusted: tuple[str, ...]
    system: str
    user: str
    digest: str
    """8 hex digits of a hash over the file."""

    @property
    def title(self) -> str:
        """Name and version, e.g. `extract.v1`."""
        return f"{self.name}.v{self.version}"

    @property
    def fingerprint(self) -> str:
        """Name, version and digest, e.g. `extract.v1#0a1b2c3d`."""
        return f"{self.title}#{self.digest}"


class Filled(NamedTuple):
    """A prompt with its slots filled: exactly what is sent."""

    prompt: Prompt
    messages: tuple[dict[str, str], ...]
    expected_output: int
    """Tokens that the answer is expected to take; for estimates and budgets only."""


def default_directory() -> Path:
    """Where the prompts of this installation are."""
    return INSTALLED if INSTALLED.is_dir() else CHECKOUT


def load_prompts(directory: Path | None = None) -> dict[str, Prompt]:
    """All prompts by name, the ones in `directory` in place of those that ship with factcheck.

    Raises UsageError for a folder or a file that cannot be used.
    """
    prompts = dict(_load(default_directory()))
    if directory is not None:
        own = _load(directory)
        if not own:
            raise UsageError(f"{directory}: holds no prompts (files named like extract.v2.md)")
        for name, prompt in own.items():
            if name in prompts and set(prompt.inputs) != set(prompts[name].inputs):
                given, expected = ", ".join(prompt.inputs), ", ".join(prompts[name].inputs)
                raise UsageError(f"{directory}/{prompt.title}.md: its inputs are {given}, and must be {expected}")
            prompts[name] = prompt
    return prompts


def _load(directory: Path) -> dict[str, Prompt]:
    if not directory.is_dir():
        raise UsageError(f"{directory}: there is no such folder of prompts")
    found: dict[str, Prompt] = {}
    for path in sorted(directory.glob("*.md")):
        if (match := FILE_NAME.fullmatch(path.name)) is None:
            continue
        prompt = _read(path, match["name"], int(match["version"]))
        if prompt.name not in found or found[prompt.name].version < prompt.version:
            found[prompt.name] = prompt
    return found


def _read(path: Path, name: str, version: int) -> Prompt:
    try:
        raw = path.read_text(encoding="utf-8")
        _, head, body = raw.split("---\n", 2)
        values: dict[str, Any] = yaml.safe_load(head)
        parts = SECTION.split(body)
        sections = dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))
        prompt = Prompt(
            name=name,
            version=version,
            purpose=values["purpose"],
            inputs=tuple(values["inputs"]),
            untrusted=tuple(values["untrusted"]),
            system=sections["system"],
            user=sections["user"],
            digest=hashlib.sha256(raw.encode()).hexdigest()[:8],
        )
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        detail = f"{type(error).__name__}: {error}".replace("\n", " ")
        raise UsageError(f"{path}: is not a prompt (YAML head, then # system and # user): {detail}") from None
    if not (Template(prompt.system).is_valid() and Template(prompt.user).is_valid()):
        raise UsageError(f"{path}: holds a $ that begins no slot; write $$ for the sign")
    unknown = set(Template(prompt.system + prompt.user).get_identifiers()) ^ {*prompt.inputs, "tag"}
    unknown |= set(prompt.untrusted) - set(prompt.inputs)
    if unknown:
        raise UsageError(f"{path}: slots and inputs differ: {', '.join(sorted(unknown))}")
    return prompt


def fill(prompt: Prompt, slots: Mapping[str, str], *, expected_output: int) -> Filled:
    """Fill the slots; raises UsageError that lists all missing or unknown names at once."""
    wrong = set(slots) ^ set(prompt.inputs)
    if wrong:
        raise UsageError(f"{prompt.title}: missing or unknown inputs: {', '.join(sorted(wrong))}")
    values = {**slots, "tag": tag_for([slots[name] for name in prompt.untrusted])}
    messages = [
        {"role": role, "content": Template(text).substitute(values)}
        for role, text in (("system", prompt.system), ("user", prompt.user))
    ]
    return Filled(prompt, tuple(messages), expected_output)


def tag_for(untrusted: list[str]) -> str:
    """A tag that does not occur in the text it fences; the same text always gets the same tag."""
    text = "\n".join(untrusted)
    seed = text
    while True:
        tag = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:6]
        if tag not in text:
            return tag
        seed += tag
