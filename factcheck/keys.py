"""Keys in the keyring of this machine (macOS Keychain, Windows Credential Locker, Secret Service): one for each host.

A key that the settings give wins, and a key is only ever used for the host or service that it was kept for.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import SecretStr

from factcheck.errors import UsageError
from factcheck.redaction import keep_secret
from factcheck.settings import Settings

SERVICE = "factcheck"
"""Under which name the keyring lists the keys."""

SERVICES = ("google", "brave")
"""Sources of evidence that have a key of their own."""

INSTALL = "pip install 'factcheck-desk[keys]'"


def kept_for(settings: Settings, what: str) -> str:
    """The name under which a key is kept: the host of the endpoint, or a service. Raises UsageError for others."""
    if what == "endpoint":
        return urlsplit(settings.base_url).netloc.rsplit("@", 1)[-1]
    if what in SERVICES:
        return what
    raise UsageError(f"{what}: there is no such key; name endpoint, {' or '.join(SERVICES)}")


def kept_key(name: str) -> SecretStr | None:
    """The key that is kept under a name; None where there is none, no keyring, or one that does not open."""
    try:
        import keyring  # noqa: PLC0415  (an extra, and slow to import)
        import keyring.errors  # noqa: PLC0415
    except ImportError:
        return None
    try:
        value = keyring.get_password(SERVICE, name)
    except (RuntimeError, keyring.errors.KeyringError):
        return None
    keep_secret(value or "")
    return SecretStr(value) if value else None


def with_key(settings: Settings) -> Settings:
    """The same settings with the key that is kept for the endpoint, where they have none and it is elsewhere."""
    if settings.api_key is not None or settings.is_local or settings.extra_headers:
        return settings
    return settings.model_copy(update={"api_key": kept_key(kept_for(settings, "endpoint"))})


def keep_key(name: str, value: str) -> None:
    """Keep a key. Raises UsageError where there is no keyring, or it refuses."""
    keep_secret(value)
    _change("set_password", name, value)


def forget_key(name: str) -> None:
    """Take a key out of the keyring. Raises UsageError where there is none."""
    _change("delete_password", name)


def _change(call: str, *given: str) -> None:
    try:
        import keyring  # noqa: PLC0415
        import keyring.errors  # noqa: PLC0415
    except ImportError:
        raise UsageError(f"keys are kept with another package: {INSTALL}; or set OPENAI_API_KEY") from None
    try:
        getattr(keyring, call)(SERVICE, *given)
    except keyring.errors.NoKeyringError:
        raise UsageError("this machine has no keyring; set OPENAI_API_KEY in the environment") from None
    except keyring.errors.PasswordDeleteError:
        raise UsageError(f"no key is kept for {given[0]}") from None
    except (RuntimeError, keyring.errors.KeyringError) as error:
        why = type(error).__name__
        raise UsageError(f"the keyring cannot be used ({why}); unlock it, or set OPENAI_API_KEY") from None
