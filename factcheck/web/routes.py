"""From a request to a handler: who sent it, whether they may, whether a form is one of ours, and what errors become.

A page is a plain function from a `Call` to a response, run in a thread. To add one: write it, and list it with
`page(path, function, needs=…)` in a module's `ROUTES`, which `app.py` puts together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from factcheck.web.access import RIGHTS, Person, Right, same
from factcheck.web.desk import Desk
from factcheck.web.guard import SAFE, Refusal

MAX_FIELDS = 400
"""Of one form: the findings of a page that are decided together, and what goes with them."""


@dataclass(frozen=True)
class Call:
    """A request to a page."""

    desk: Desk
    request: Request
    person: Person | None
    """Who sent it; never null for pages that need a right."""
    form: FormData = field(default_factory=FormData)

    @property
    def who(self) -> Person:
        """Who sent it. Raises Refusal where nobody is signed in."""
        if self.person is None:
            raise Refusal(401, "sign in first")
        return self.person

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def query(self, name: str, other: str = "") -> str:
        """A parameter of the address."""
        return self.request.query_params.get(name, other).strip()

    def text(self, name: str) -> str:
        """A field of the form."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """A field of the form that may come several times."""
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    def files(self, name: str) -> list[UploadFile]:
        """Files of the form."""
        return [value for value in self.form.getlist(name) if isinstance(value, UploadFile) and value.filename]


Handler = Callable[[Call], Response]
NEEDS = "needs"


def page(
    path: str,
    handler: Handler,
    *,
    needs: Right | None = "read",
    methods: Sequence[str] = ("GET",),
    name: str = "",
    kept: bool = False,
) -> Route:
    """A route whose handler runs only for those who have the right; None for what anybody may see.

    With `kept` a page is made once for everybody of a role, as long as the ledger stays as it is: for pages that show
    the ledger, and of who reads them only the name.
    """

    async def endpoint(request: Request) -> Response:
        return await answered(request, _from_kept(handler) if kept else handler, needs)

    setattr(endpoint, NEEDS, needs)
    return Route(path, endpoint, methods=list(methods), name=name or handler.__name__)


async def answered(request: Request, handler: Handler, needs: Right | None) -> Response:
    """Check a request, and let its handler answer."""
    desk: Desk = request.app.state.desk
    person = await desk.run(person_of, desk, request)
    if needs is not None and person is None:
        return _sign_in(request)
    if needs is not None and person is not None and not person.may(needs):
        raise Refusal(403, f"{person.name} is a {person.role} here; this needs somebody who may {SAYS[needs]}")
    if request.method in SAFE:
        return await desk.run(handler, Call(desk, request, person))
    limits = desk.options.limits
    async with request.form(max_files=limits.files, max_fields=MAX_FIELDS, max_part_size=limits.form) as form:
        if person is not None and person.csrf is not None:
            check_form(form.get("csrf"), person.csrf)
        return await desk.run(handler, Call(desk, request, person, form))


def _from_kept(handler: Handler) -> Handler:
    """The handler, asked only for pages that are not there already."""

    def answer(call: Call) -> Response:
        url, person = call.request.url, call.person
        if person is None or person.csrf is None or call.query("did"):
            return handler(call)
        address = f"{url.path}?{url.query}"
        return call.desk.kept.page(
            address, person, call.desk.ledger.head(), lambda who: handler(replace(call, person=who))
        )

    return answer


SAYS: dict[Right, str] = {
    "read": "look at it",
    "decide": "decide about findings",
    "add": "add articles",
    "people": "say who is who and retract articles",
}


def lacks(person: Person, right: Right) -> str:
    """Why whoever came with a token may not do something: it takes a scope of the token and a role of its owner."""
    if right in RIGHTS[person.role]:
        return f"{person.name} may not {SAYS[right]} with this token; it needs the scope {right}"
    return f"{person.name} is a {person.role} here, and may not {SAYS[right]}, whatever the scopes of a token"


def check_form(given: Any, wanted: str) -> None:
    """Refuse a form that did not come from a page of this session."""
    if not isinstance(given, str) or not same(given, wanted):
        raise Refusal(403, "this form is too old, or not from this desk; load the page again")


def person_of(desk: Desk, request: Request) -> Person | None:
    """Who sent a request: by a token, else by the cookie of a session."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return desk.accounts.with_token(token.strip())
    cookie = request.cookies.get(cookie_name(desk), "")
    return desk.accounts.with_cookie(cookie, names=desk.names) if cookie else None


def cookie_name(desk: Desk) -> str:
    """What the cookie of a session is called; browsers keep the prefix for cookies that nobody else can set."""
    return "__Host-desk" if desk.options.is_secure else f"desk-{desk.options.port}"


def with_cookie(desk: Desk, response: Response, name: str, value: str, seconds: int | None = None) -> Response:
    """The response with a cookie that scripts cannot read and other sites' forms do not send."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=desk.options.is_secure, httponly=True, samesite="lax"
    )
    return response


def _sign_in(request: Request) -> Response:
    """Off to the page for signing in, or a plain refusal for programs."""
    if (
        request.method not in SAFE
        or "authorization" in request.headers
        or "text/html" not in request.headers.get("accept", "")
    ):
        return PlainTextResponse("sign in first\n", 401, {"www-authenticate": "Bearer"})
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(back, safe='')}", 303)


def own_path(target: str) -> str:
    """A path of this desk to go on to; whatever leads elsewhere becomes the first page."""
    is_path = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_path and target.isprintable() and "\\" not in target else "/"


def go(target: str) -> Response:
    """On to another page, after something was done."""
    return RedirectResponse(own_path(target), 303)
