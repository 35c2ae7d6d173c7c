"""Step through findings one key at a time, as `git add -p` does with changes; in a pipe, one line at a time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import typer

from factcheck.commands.console import show_parts

if TYPE_CHECKING:
    from factcheck.ledger.connection import Ledger
    from factcheck.ledger.findings import FindingDetail, FindingFilter
    from factcheck.ledger.log import Decision

HELP = """\
a  accept                      c  comment, without deciding    j  next        u  take back what you did last
d  dismiss, with a reason      s  give to somebody             k  previous    q  quit        ?  this help"""

CTRL_C, CTRL_D, DOWN, UP = "\x03", "\x04", "\x1b[B", "\x1b[A"
DONE = {"comment": "commented", "assign": "given to somebody"}
SAME = {CTRL_C: "q", CTRL_D: "q", "\x1b": "q", DOWN: "j", UP: "k", "": "q", " ": "j", "h": "?", "\r": "?", "\n": "?"}
"""Keys that do the same as others."""


class _Act(Protocol):
    def __call__(self, *, override: bool) -> Decision: ...


class Keys(Protocol):
    """Where keys and words come from."""

    def key(self) -> str:
        """The next key; an empty one at the end."""

    def words(self, question: str) -> str:
        """An answer in words; an empty one to leave it."""


class Terminal:
    """Keys as they are pressed."""

    def key(self) -> str:
        """One key, without Enter."""
        try:
            pressed = typer.getchar()
        except (KeyboardInterrupt, EOFError):
            typer.echo()
            return "q"
        typer.echo(pressed if pressed.isprintable() else "")
        return pressed

    def words(self, question: str) -> str:
        """One line; Ctrl-C and an empty one leave it."""
        try:
            return str(typer.prompt(question, default="", show_default=False))
        except typer.Abort:
            typer.echo()
            return ""


class Pipe:
    """A line for each key; what stands behind the key are its words, which else are the next line."""

    def __init__(self) -> None:
        self.rest = ""

    def key(self) -> str:
        """The first character of the next line that has one."""
        for line in sys.stdin:
            if stripped := line.strip():
                self.rest = stripped[1:].strip()
                typer.echo(stripped)
                return stripped[0]
        return ""

    def words(self, question: str) -> str:  # noqa: ARG002  (a script knows what it is asked)
        """What stood behind the key, else the next line."""
        said, self.rest = self.rest, ""
        return said or sys.stdin.readline().strip()


@dataclass
class Stepper:
    """One walk through findings, by one person."""

    ledger: Ledger
    by: str
    ids: Sequence[str]
    keys: Keys
    at: int = 0
    """Which of `ids` is shown; their number behind the last one."""
    mine: list[tuple[int, Decision]] = field(default_factory=list)
    """What this person did here, with the place of the finding in `ids`."""
    is_shown: bool = False

    def run(self) -> None:
        """Show one finding after the other until somebody quits, or nothing more is said."""
        while True:
            detail = self.ledger.finding(self.ids[self.at]) if self.at < len(self.ids) else None
            if not self.is_shown:
                self._show(detail)
            typer.echo("[a,d,c,s,j,k,u,q,?] " if detail else "[k,u,q] ", nl=False)
            pressed = self.keys.key()
            pressed = SAME.get(pressed, pressed)
            if pressed == "q":
                return
            self._act(pressed, detail)

    def _act(self, pressed: str, detail: FindingDetail | None) -> None:
        everywhere: dict[str, Callable[[], None]] = {
            "j": lambda: self._move(1),
            "k": lambda: self._move(-1),
            "u": self._undo,
            "?": lambda: typer.echo(HELP),
        }
        here: dict[str, Callable[[FindingDetail], None]] = {
            "a": lambda d: self._decide(d, "accepted", ""),
            "d": self._dismiss,
            "c": self._comment,
            "s": self._assign,
        }
        if detail and pressed in here:
            here[pressed](detail)
        else:
            everywhere.get(pressed, lambda: typer.echo(f"{pressed!r} does nothing here; ? lists the keys"))()

    def _show(self, detail: FindingDetail | None) -> None:
        from factcheck.outputs.queue import detail_view

        self.is_shown = True
        if detail:
            show_parts(detail_view(detail, f"({self.at + 1}/{len(self.ids)})"), color=None)
        else:
            typer.echo("that was the last one" if self.ids else "no finding is left to look at")

    def _go(self, at: int) -> None:
        self.at, self.is_shown = at, False

    def _move(self, by: int) -> None:
        if not 0 <= self.at + by < len(self.ids):
            typer.echo(f"this is the {'last' if by > 0 else 'first'} one")
            return
        self._go(self.at + by)

    def _dismiss(self, detail: FindingDetail) -> None:
        if reason := self.keys.words("Why (others read it later)"):
            self._decide(detail, "dismissed", reason)
        else:
            typer.echo("not dismissed: a dismissal needs a reason")

    def _decide(self, detail: FindingDetail, decision: Literal["accepted", "dismissed"], note: str) -> None:
        def act(*, override: bool) -> Decision:
            key, seen = detail.row.finding.id, detail.row.seen
            return self.ledger.decide(key, decision, by=self.by, note=note, seen=seen, override=override)

        if self._done(act):
            self._go(self.at + 1)

    def _comment(self, detail: FindingDetail) -> None:
        if words := self.keys.words("Comment"):
            self._done(lambda override: self.ledger.comment(detail.row.finding.id, words, by=self.by))

    def _assign(self, detail: FindingDetail) -> None:
        to = self.keys.words("To whom (- for nobody)")

        def act(*, override: bool) -> Decision:
            key, name, seen = detail.row.finding.id, None if to == "-" else to, detail.row.seen
            return self.ledger.assign(key, name, by=self.by, seen=seen, override=override)

        if to:
            self._done(act)

    def _done(self, act: _Act) -> bool:
        """Whether it was done; a conflict is shown, and overridden only on purpose."""
        from factcheck.errors import Conflict, UsageError

        try:
            made = act(override=False)
        except Conflict as conflict:
            self._go(self.at)  # what somebody did meanwhile is to be seen
            typer.echo(_inert(conflict))
            if not self.keys.words("Do it all the same? (y for yes)").lower().startswith("y"):
                return False
            made = act(override=True)
        except UsageError as error:
            typer.echo(_inert(error))
            return False
        self.mine.append((self.at, made))
        typer.echo(_inert(f"{made.action} by {made.by} (entry {made.seq} of the log)"))
        return True

    def _undo(self) -> None:
        from factcheck.errors import UsageError

        if not self.mine:
            typer.echo("nothing to take back: you did nothing here yet")
            return
        at, made = self.mine.pop()
        try:
            self.ledger.undo(made.seq, by=self.by)
            typer.echo(f"{made.action} (entry {made.seq}) is taken back")
        except UsageError as error:
            typer.echo(_inert(error))
        self._go(at)


def _inert(said: object) -> str:
    from factcheck.outputs.inert import visible

    return visible(" ".join(str(said).split()))


def step(ledger: Ledger, wanted: FindingFilter, by: str, keys: Sequence[str] = ()) -> str:
    """Walk through the findings of a filter, or these; returns what was done, in one line."""
    from factcheck.outputs.queue import counted_states

    ids = list(keys) or ledger.finding_ids(wanted)
    stepper = Stepper(ledger, by, ids, Terminal() if sys.stdin.isatty() else Pipe())
    stepper.run()
    done = [DONE.get(made.action, made.action) for _, made in stepper.mine]
    told = [f"{done.count(action)} {action}" for action in dict.fromkeys(done)]
    return f"{', '.join(told) or 'nothing done'}; in the ledger: {counted_states(ledger.queue(limit=0).counts)}"
