"""Signing in and out: a name on this machine, a name and a password where others can reach the desk."""

from __future__ import annotations

import secrets

from starlette.responses import Response

from factcheck.errors import UsageError
from factcheck.web.access import clean_name, form_token
from factcheck.web.accounts import LONGEST, key_of
from factcheck.web.guard import Refusal, sender
from factcheck.web.pages import render
from factcheck.web.routes import Call, check_form, cookie_name, go, own_path, page, with_cookie

WRONG = "this name and password do not belong together"


def login(call: Call) -> Response:
    """Ask who somebody is."""
    if call.person is not None:
        return go(call.query("next", "/"))
    return _asked(call)


def _asked(call: Call, status: int = 200, message: str = "", name: str = "") -> Response:
    """The form, tied to a cookie of this browser, so that no other site can sign anybody in."""
    visit = call.request.cookies.get(_visit(call)) or secrets.token_urlsafe(32)
    target = own_path(call.query("next") or call.text("next") or "/")
    values = {"csrf": form_token(visit), "target": target, "message": message, "name": name}
    return with_cookie(call.desk, render(call, "login.html", status, **values), _visit(call), visit)


def _visit(call: Call) -> str:
    return f"{cookie_name(call.desk)}-visit"


def sign_in(call: Call) -> Response:
    """Begin a session under a new cookie, whatever was there before."""
    desk, visit = call.desk, call.request.cookies.get(_visit(call), "")
    check_form(call.form.get("csrf"), form_token(visit) if visit else secrets.token_hex(32))
    try:
        name = clean_name(call.text("name")) if desk.names else _with_password(call)
    except UsageError as error:
        return _asked(call, 401, str(error), call.text("name"))
    before = call.request.cookies.get(cookie_name(desk))
    cookie = desk.accounts.begin(name, account=not desk.names, instead_of=before, sender=sender(call.request.scope))
    response = with_cookie(desk, go(call.text("next") or "/"), cookie_name(desk), cookie, LONGEST)
    response.delete_cookie(_visit(call), path="/", secure=desk.options.is_secure, httponly=True, samesite="lax")
    return response


def _with_password(call: Call) -> str:
    """The name of whoever signs in. Raises UsageError for a wrong password, Refusal after too many of them."""
    desk, name, password = call.desk, call.text("name")[:200], call.form.get("password")
    key, machine = key_of(name), sender(call.request.scope)
    tried = (desk.logins, f"{machine} {key}"), (desk.logins_of_sender, machine), (desk.logins_of_name, key)
    if any(throttle.is_spent(one) for throttle, one in tried):
        raise Refusal(429, "too many wrong passwords; wait a quarter of an hour")
    user = desk.accounts.with_password(name, password if isinstance(password, str) else "")
    if user is None:
        for throttle, one in tried:
            throttle.spend(one)
        desk.accounts.refused(name, sender=machine)
        raise UsageError(WRONG)
    desk.logins.forgive(tried[0][1])
    return user.name


def sign_out(call: Call) -> Response:
    """End the session."""
    desk, response = call.desk, go("/login")
    desk.accounts.end(call.request.cookies.get(cookie_name(desk), ""))
    response.delete_cookie(cookie_name(desk), path="/", secure=desk.options.is_secure, httponly=True, samesite="lax")
    return response


ROUTES = (
    page("/login", login, needs=None),
    page("/login", sign_in, needs=None, methods=("POST",)),
    page("/logout", sign_out, methods=("POST",)),
)
