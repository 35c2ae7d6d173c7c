"""Accounts, sessions and tokens of the desk, in tables of their own beside the ledger's; only hashes are kept.

What becomes of them, and who signs in or is refused, goes to the end of the ledger's log in the same transaction.
"""

from __future__ import annotations

import getpass
import hashlib
import secrets
import time
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, String, Table, func, select

from factcheck.errors import UsageError
from factcheck.ledger import log
from factcheck.ledger.connection import Ledger
from factcheck.text.names import folded
from factcheck.web.access import RIGHTS, Person, Right, Role, clean_name, form_token, same, scopes_of

IDLE = 12 * 3600
"""Seconds after which a session that nobody uses ends."""

LONGEST = 7 * 24 * 3600
"""Seconds after which every session ends."""

NOTED = 300
"""Seconds after which the use of a session is written down again."""

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 500
DAYS = 365
"""Of a token."""

PREFIX = "fcd"

NOBODY = "somebody who was refused"
"""Under whose name it is noted that a sign-in failed."""

metadata = MetaData()
users = Table(
    "desk_users",
    metadata,
    Column("key", String, primary_key=True),  # the name without case, accents and punctuation
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("password", String),  # an Argon2 hash; null for one who has tokens only
    Column("added", BigInteger, nullable=False),
)
sessions = Table(
    "desk_sessions",
    metadata,
    Column("token", String, primary_key=True),  # the hash of what the cookie holds
    Column("name", String, nullable=False),
    Column("account", Integer, nullable=False),  # 0: a name alone, on this machine
    Column("begun", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
)
tokens = Table(
    "desk_tokens",
    metadata,
    Column("id", String, primary_key=True),
    Column("hash", String, nullable=False),
    Column("user", String, nullable=False),
    Column("scopes", String, nullable=False),
    Column("expires", BigInteger, nullable=False),
)


class User(NamedTuple):
    """Somebody with an account."""

    name: str
    role: Role


class Token(NamedTuple):
    """What is known of a token; its secret is shown once and never kept."""

    id: str
    name: str
    scopes: str
    expires: int
    """Seconds since 1970."""


@dataclass(frozen=True)
class Accounts:
    """The accounts of a ledger. All methods raise LedgerError where the database fails."""

    ledger: Ledger

    def prepare(self) -> None:
        """Make the tables that are not there yet."""
        with self.ledger.writing() as connection:
            metadata.create_all(connection)

    def any(self) -> bool:
        """Whether there is an account."""
        with self.ledger.reading() as connection:
            return bool(connection.execute(select(func.count()).select_from(users)).scalar())

    def everyone(self) -> list[User]:
        """All who have an account, by name."""
        with self.ledger.reading() as connection:
            rows = connection.execute(select(users).order_by(users.c.key)).mappings()
            return [User(row["name"], cast("Role", row["role"])) for row in rows]

    def add(self, name: str, role: Role, password: str | None, *, by: str | None = None) -> User:
        """Open an account, or give it another role or password; who is signed in then signs in again.

        Raises UsageError for a name or password that cannot be one.
        """
        name, hashed = clean_name(name), _hashed(password) if password is not None else None
        with self.ledger.writing() as connection:
            did = "changed" if self._drop(connection, name) else "opened"
            row = {"key": key_of(name), "name": name, "role": role, "password": hashed, "added": _now()}
            connection.execute(users.insert().values(row))
            how = "without a password" if hashed is None else "with a password"
            _note(connection, "account", name, f"{did} as {role}, {how}", by)
        return User(name, role)

    def remove(self, name: str, *, by: str | None = None) -> None:
        """Close an account with its sessions and tokens. Raises UsageError for a name that has none."""
        with self.ledger.writing() as connection:
            if not self._drop(connection, name):
                raise UsageError(f"{name}: has no account; `factcheck desk users list` names all")
            connection.execute(tokens.delete().where(tokens.c.user == key_of(name)))
            _note(connection, "account", name, "closed", by)

    def _drop(self, connection: Connection, name: str) -> int:
        found = connection.execute(select(users.c.name).where(users.c.key == key_of(name))).scalars().all()
        connection.execute(sessions.delete().where(sessions.c.name.in_(found)))
        connection.execute(users.delete().where(users.c.key == key_of(name)))
        return len(found)

    def with_password(self, name: str, password: str) -> User | None:
        """Who has this name and this password; takes as long for a name that nobody has."""
        with self.ledger.reading() as connection:
            row = connection.execute(select(users).where(users.c.key == key_of(name))).mappings().first()
        kept = row["password"] if row else None
        fits = _fits(password[:LONGEST_PASSWORD], kept or _no_password()) and kept is not None
        return User(row["name"], cast("Role", row["role"])) if row and fits else None

    def begin(self, name: str, *, account: bool, instead_of: str | None = None, sender: str = "") -> str:
        """Begin a session; returns what the cookie holds. A session that was there before ends."""
        cookie, now = secrets.token_urlsafe(32), _now()
        row = {"token": _hash(cookie), "name": name, "account": int(account), "begun": now, "seen": now}
        with self.ledger.writing() as connection:
            connection.execute(sessions.delete().where(sessions.c.token == _hash(instead_of or "")))
            over = (sessions.c.begun < now - LONGEST) | (sessions.c.seen < now - IDLE)
            connection.execute(sessions.delete().where(over))
            connection.execute(sessions.insert().values(row))
            how = "with a password" if account else "with a name"
            log.append(connection, "sign_in", _subject(name), by=name, note=how, data={"from": sender})
        return cookie

    def refused(self, name: str, *, sender: str) -> None:
        """Note that somebody gave a wrong password; a name that nobody has is not noted, since it may be a password."""
        with self.ledger.writing() as connection:
            query = select(users.c.name).where(users.c.key == key_of(name))
            known = connection.execute(query).scalar()
            note = "wrong password" if known else "a name that nobody has"
            log.append(connection, "refused", _subject(known or "?"), by=NOBODY, note=note, data={"from": sender})

    def end(self, cookie: str) -> None:
        """End a session."""
        with self.ledger.writing() as connection:
            connection.execute(sessions.delete().where(sessions.c.token == _hash(cookie)))

    def with_cookie(self, cookie: str, *, names: bool) -> Person | None:
        """Who is signed in with this cookie; `names` says whether a name alone is enough."""
        now = _now()
        with self.ledger.reading() as connection:
            row = connection.execute(select(sessions).where(sessions.c.token == _hash(cookie))).mappings().first()
            if row is None or row["begun"] < now - LONGEST or row["seen"] < now - IDLE:
                return None
            role = "editor" if not row["account"] and names else self._role(connection, row)
        if role is None:
            return None
        if row["seen"] < now - NOTED:
            with self.ledger.writing() as connection:
                connection.execute(sessions.update().where(sessions.c.token == row["token"]).values(seen=now))
        return Person(row["name"], role, RIGHTS[role], form_token(cookie))

    def _role(self, connection: Connection, row: Any) -> Role | None:
        mine = (users.c.key == key_of(row["name"])) & (users.c.name == row["name"])
        found = connection.execute(select(users.c.role).where(mine)).scalar() if row["account"] else None
        return cast("Role | None", found)

    def new_token(self, name: str, scopes: str, *, days: int = DAYS, by: str | None = None) -> str:
        """Make a token for somebody with an account; the only time that it is seen. Raises UsageError."""
        wanted, key, secret = scopes_of(scopes), secrets.token_hex(4), secrets.token_urlsafe(32)
        with self.ledger.writing() as connection:
            if connection.execute(select(users.c.key).where(users.c.key == key_of(name))).first() is None:
                raise UsageError(f"{name}: has no account; `factcheck desk users add` opens one")
            row = {"id": key, "hash": _hash(secret), "user": key_of(name), "scopes": " ".join(sorted(wanted))}
            connection.execute(tokens.insert().values(**row, expires=_now() + days * 24 * 3600))
            note = f"made: {key}, {', '.join(sorted(wanted))}, for {days} days"
            _note(connection, "token", name, note, by)
        return f"{PREFIX}_{key}_{secret}"

    def lacking(self, name: str, scopes: str) -> list[Right]:
        """Those of a token's scopes that the role of its owner does not have."""
        role = next(user.role for user in self.everyone() if key_of(user.name) == key_of(name))
        return sorted(scopes_of(scopes) - RIGHTS[role])

    def every_token(self) -> list[Token]:
        """All tokens, without their secrets."""
        with self.ledger.reading() as connection:
            query = select(tokens, users.c.name).join(users, users.c.key == tokens.c.user).order_by(tokens.c.id)
            rows = connection.execute(query).mappings()
            return [Token(row["id"], row["name"], row["scopes"], row["expires"]) for row in rows]

    def remove_token(self, key: str, *, by: str | None = None) -> None:
        """Let a token count no longer, by its id. Raises UsageError for another id."""
        with self.ledger.writing() as connection:
            query = select(users.c.name).join(tokens, users.c.key == tokens.c.user).where(tokens.c.id == key)
            owner = connection.execute(query).scalar()
            if connection.execute(tokens.delete().where(tokens.c.id == key)).rowcount == 0:
                raise UsageError(f"{key}: is no token; `factcheck desk tokens list` names all")
            _note(connection, "token", owner or "?", f"taken away: {key}", by)

    def with_token(self, token: str) -> Person | None:
        """Whose token this is, with the rights that both the token and its owner have."""
        prefix, _, rest = token.partition("_")
        key, _, secret = rest.partition("_")
        query = select(tokens, users.c.name, users.c.role).join(users, users.c.key == tokens.c.user)
        with self.ledger.reading() as connection:
            row = connection.execute(query.where(tokens.c.id == key)).mappings().first()
        if prefix != PREFIX or row is None or not same(row["hash"], _hash(secret)) or row["expires"] < _now():
            return None
        role, scopes = cast("Role", row["role"]), cast("list[Right]", row["scopes"].split())
        return Person(row["name"], role, RIGHTS[role] & frozenset(scopes), None)


def _subject(name: str) -> str:
    """What the log calls an account; no id of a finding or document looks like it."""
    return f"account {name}"


def _note(connection: Connection, action: log.Noted, name: str, note: str, by: str | None) -> None:
    log.append(connection, action, _subject(name), by=by or this_user(), note=note)


def key_of(name: str) -> str:
    """What is equal for two names that nobody could tell apart at a glance."""
    return folded(name) or name.strip().casefold()


def this_user() -> str:
    """The name under which commands on this machine are written down."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody on this machine"


def _now() -> int:
    return int(time.time())


def _hash(secret: str) -> str:
    """Secrets of 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=3, memory_cost=19 * 1024, parallelism=1)  # 19 MiB: several may sign in at once


@cache
def _no_password() -> str:
    """A hash that no password fits, checked for names that nobody has."""
    return _hasher().hash(secrets.token_urlsafe(32))


def _hashed(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise UsageError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    return _hasher().hash(password)


def _fits(password: str, kept: str) -> bool:
    try:
        return _hasher().verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
