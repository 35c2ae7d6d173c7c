"""The queue: findings by filters that stand in the address, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from pydantic import ValidationError
from starlette.responses import Response

from factcheck.errors import UsageError
from factcheck.ledger.findings import FindingFilter, Order
from factcheck.outputs import words
from factcheck.web.cards import cards_of
from factcheck.web.decisions import done_of
from factcheck.web.pages import render
from factcheck.web.routes import Call, page

PER_PAGE = 20
MOST_PAGES = 10_000
NOBODY = "-"
"""As `assigned` in an address: findings that nobody was given."""

FIELDS = tuple(FindingFilter.model_fields)


class Wanted(NamedTuple):
    """What the address of a queue asks for."""

    filter: FindingFilter
    order: Order
    page: int

    @property
    def address(self) -> dict[str, str]:
        """Its parameters, without those that say nothing."""
        given = {name: value or NOBODY for name, value in self.filter.model_dump().items() if value is not None}
        plain = {"state": "open", "order": "strongest"}
        return {name: v for name, v in {**given, "order": self.order}.items() if plain.get(name) != v}

    def link(self, **changes: Any) -> str:
        """The same queue with other parameters; an empty one is left out."""
        kept = {name: value for name, value in {**self.address, **changes}.items() if value}
        return "/" + (f"?{urlencode(kept)}" if kept else "")

    @property
    def query(self) -> str:
        """Its parameters, as they follow the address of one of its findings."""
        return urlencode(self.address)


def number_of(given: Mapping[str, str]) -> int:
    """Which page of a list an address asks for."""
    number = given.get("page", "1")
    return max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else 1  # noqa: PLR2004


def wanted_of(given: Mapping[str, str]) -> Wanted:
    """What an address asks for. Raises UsageError for a value that none of its parameters has."""
    values = {name: given[name].strip() for name in FIELDS if given.get(name, "").strip()}
    if values.get("assigned") == NOBODY:
        values["assigned"] = ""
    try:
        wanted = FindingFilter.model_validate(values)
    except ValidationError as error:
        name = ".".join(map(str, error.errors()[0]["loc"]))
        raise UsageError(f"{name}: {values.get(name, '')[:40]!r} is none of its values") from None
    order: Order = "newest" if given.get("order") == "newest" else "strongest"
    return Wanted(wanted, order, min(number_of(given), MOST_PAGES))


def queue(call: Call) -> Response:
    """The findings that wait, or whatever else the filters say."""
    wanted = wanted_of(call.request.query_params)
    found = call.desk.ledger.queue(
        wanted.filter, order=wanted.order, limit=PER_PAGE, offset=(wanted.page - 1) * PER_PAGE
    )
    return render(
        call,
        "queue.html",
        wanted=wanted,
        found=found,
        cards=cards_of(found.rows),
        pages=max(1, -(-found.total // PER_PAGE)),
        done=done_of(call),
        reasons=words.DISMISSALS,
    )


ROUTES = (page("/", queue, kept=True),)
