"""The options that several commands share, with their help."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

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
Claims = Annotated[bool, typer.Option("--claims", help="On a terminal, show the claims behind the findings, too.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress; problems are still in the report.")]
Model = Annotated[str | None, typer.Option(help="Model to ask.", show_default="gpt-5.4-mini")]
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
Evidence = Annotated[
    list[str] | None,
    typer.Option(
        help="Look here for what bears on the claims: a file or folder, ledger:PLACE, a search service; repeatable."
    ),
]
MaxClaims = Annotated[
    int | None, typer.Option(min=1, help="Look for evidence about this many claims at most, the most worthwhile first.")
]
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

PANELS: dict[str, tuple[Any, ...]] = {
    "What comes out": (FormatOption, Out, Claims, Quiet, FailOn),
    "What is compared with what": (Ledger, Evidence, MaxClaims),
    "What is read": (AllowPrivate, Snapshot, Language),
    "Who is asked": (Model, BaseUrl, Prompts, Batch, Concurrency, Deadline),
    "What it costs": (DryRun, MaxTokens, MaxCost, Cache, NoCache),
    "Recordings": (Record, Replay),
}
"""The groups in which `--help` shows options."""

for _panel, _options in PANELS.items():
    for _option in _options:
        get_args(_option)[1].rich_help_panel = _panel

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


FILTERS: dict[str, tuple[Any, Any]] = {
    "open": (Annotated[bool, typer.Option("--open", help="Those that nobody has decided.")], False),
    "decided": (Annotated[bool, typer.Option("--decided", help="Those that were accepted or dismissed.")], False),
    "accepted": (Annotated[bool, typer.Option("--accepted", help="Those that were accepted.")], False),
    "dismissed": (Annotated[bool, typer.Option("--dismissed", help="Those that were dismissed.")], False),
    "stale": (Annotated[bool, typer.Option("--stale", help="Those that rest on what no longer stands.")], False),
    "all": (Annotated[bool, typer.Option("--all", help="All of them.")], False),
    "tier": (Annotated[Literal["strong", "lead"] | None, typer.Option(help="How firm.")], None),
    "kind": (
        Annotated[Literal["reversal", "dispute", "inconsistency"] | None, typer.Option(help="Of which kind.")],
        None,
    ),
    "speaker": (Annotated[str | None, typer.Option(help="With a side of this person or body.")], None),
    "outlet": (Annotated[str | None, typer.Option(help="With a side that this outlet published.")], None),
    "since": (Annotated[str | None, typer.Option(help="Not before this date, e.g. 2024-05.")], None),
    "until": (Annotated[str | None, typer.Option(help="Not after this date.")], None),
    "assigned": (Annotated[str | None, typer.Option(help='Given to this person; "" for nobody.')], None),
    "text": (Annotated[str | None, typer.Option(help="With these words.")], None),
}
"""The options that choose findings: what they take, and what holds without them."""

STATES = ("open", "decided", "accepted", "dismissed", "stale", "all")


def with_filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that choose findings, which it gets as fields of a `FindingFilter`, in `wanted`."""
    return _extended(command, "wanted", FILTERS, _wanted)


def _wanted(given: dict[str, Any]) -> dict[str, Any]:
    states = [state for state in STATES if given.pop(state)]
    if len(states) > 1:
        raise typer.BadParameter(f"--{states[0]} and --{states[1]} exclude each other; give one of them")
    chosen = {name: value for name, value in given.items() if value is not None}
    return {**chosen, "state": states[0]} if states else chosen


def with_settings(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these options (all, without names), which it gets as `load_settings` takes them, in `flags`."""
    options = {name: (SETTINGS[name], False if name == "no_cache" else None) for name in names or SETTINGS}
    return lambda command: _extended(command, "flags", options, _flags)


def _flags(given: dict[str, Any]) -> dict[str, Any]:
    if given.pop("no_cache", False):
        given["use_cache"] = False
    return given


def _extended(
    command: Callable[..., None],
    into: str,
    options: dict[str, tuple[Any, Any]],
    gathered: Callable[[dict[str, Any]], dict[str, Any]],
) -> Callable[..., None]:
    """A command with more options, which it gets together in one argument."""
    signature = inspect.signature(command, eval_str=True)
    own = [p for p in signature.parameters.values() if p.name != into]
    kind = inspect.Parameter.KEYWORD_ONLY
    added = [
        inspect.Parameter(name, kind, default=default, annotation=annotation)
        for name, (annotation, default) in options.items()
    ]

    @functools.wraps(command)
    def taking(**given: Any) -> None:
        chosen = gathered({name: given.pop(name) for name in options})
        command(**given, **{into: chosen})

    taking.__signature__ = signature.replace(parameters=[*own, *added])  # type: ignore[attr-defined]
    return taking
