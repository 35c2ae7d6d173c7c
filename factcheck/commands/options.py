"""The options that several commands share, with their help."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

Sources = Annotated[
    list[str], typer.Argument(metavar="SOURCE...", help="Files, folders, addresses, or - for standard input.")
]
Format = Literal[
    "auto", "terminal", "text", "json", "html", "markdown", "claims-csv", "findings-csv", "evidence-csv", "jsonl",
    "web-annotations", "schema-org", "sarif", "junit", "github",
]  # fmt: skip
FormatOption = Annotated[
    Format,
    typer.Option(
        "--format", "-f", help="auto draws on a terminal, is text in a pipe, and goes by the ending of --out."
    ),
]
View = Literal["auto", "terminal", "text", "json"]
ViewOption = Annotated[View, typer.Option("--format", "-f", help="auto draws on a terminal; json is for programs.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Write the report to this file.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress; problems are still in the report.")]
Model = Annotated[str | None, typer.Option(help="Model to ask.", show_default="gpt-5-mini")]
BaseUrl = Annotated[str | None, typer.Option(help="Any endpoint that speaks OpenAI's chat completions.")]
Record = Annotated[Path | None, typer.Option(help="Ask anew and keep every answer in this folder.")]
Replay = Annotated[Path | None, typer.Option(help="Play answers from this folder; never use the network.")]
Prompts = Annotated[Path | None, typer.Option(help="Folder with prompts of your own, in place of the shipped ones.")]
Cache = Annotated[Path | None, typer.Option(help="Keep answers between runs here.", show_default="user cache folder")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Do not keep or use answers of earlier runs.")]
Concurrency = Annotated[int | None, typer.Option(help="Calls under way at once.", show_default="8")]
Deadline = Annotated[float | None, typer.Option(help="Seconds for one call, retries included.", show_default="300")]
MaxTokens = Annotated[int | None, typer.Option(help="Stop before spending more tokens than this.")]
MaxCost = Annotated[float | None, typer.Option(help="Stop before spending more US dollars than this (needs prices).")]
Batch = Annotated[
    bool | None,
    typer.Option("--batch", help="Ask in batches: half the price, answers within a day; a killed run goes on."),
]
Ledger = Annotated[
    str | None,
    typer.Option(
        help="Compare with all that this ledger holds, and keep the documents in it: a file, or postgresql://."
    ),
]
Level = Literal["never", "lead", "strong", "full"]
FailOn = Annotated[
    Level,
    typer.Option(help="Exit with 3 if there is a finding at or above this."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only estimate calls, tokens and cost.")]
Snapshot = Annotated[
    Path | None, typer.Option(help="Keep fetched pages in this folder; a replay takes them from there.")
]
AllowPrivate = Annotated[
    bool, typer.Option("--allow-private", help="Fetch addresses on this machine and on private networks, too.")
]

Language = Annotated[
    str | None,
    typer.Option(
        help="Of scans, pictures and recordings, e.g. de (of scans also de+en); found out where it is not given."
    ),
]

SETTINGS: dict[str, Any] = {
    "model": Model,
    "base_url": BaseUrl,
    "prompts": Prompts,
    "cache": Cache,
    "no_cache": NoCache,
    "batch": Batch,
    "concurrency": Concurrency,
    "deadline": Deadline,
    "max_tokens": MaxTokens,
    "max_cost": MaxCost,
    "language": Language,
}
"""The options that are settings, each named as its field of `Settings`."""


def with_settings(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these options (all, without names), which it gets as `load_settings` takes them, in `flags`."""
    chosen = {name: SETTINGS[name] for name in names or SETTINGS}

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command, eval_str=True)
        own = [p for p in signature.parameters.values() if p.name != "flags"]
        kind = inspect.Parameter.KEYWORD_ONLY
        added = [
            inspect.Parameter(name, kind, default=False if name == "no_cache" else None, annotation=annotation)
            for name, annotation in chosen.items()
        ]

        @functools.wraps(command)
        def taking(**given: Any) -> None:
            flags = {name: given.pop(name) for name in chosen}
            if flags.pop("no_cache", False):
                flags["use_cache"] = False
            command(**given, flags=flags)

        taking.__signature__ = signature.replace(parameters=[*own, *added])  # type: ignore[attr-defined]
        return taking

    return decorate
