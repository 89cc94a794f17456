"""Browsers that an officer has signed in with before, known by a signed cookie (OWASP's "device cookies").

The cookie opens nothing. It says that this browser's tries at these accounts are counted by themselves, so that nobody
else can use them up. https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, request

from peoplelink import keys, web
from peoplelink.config import Config
from peoplelink.ids import new_public_id
from peoplelink.keys import BadTokenError

LASTS = 365 * 24 * 3600  # seconds, counted anew from each signing in
_ACCOUNTS = 5  # of those who share a browser; the last ones are kept
_PURPOSE = "device"


@dataclass(frozen=True)
class Device:
    """What the cookie holds: a name of its own, and whose accounts (keyed hashes, newest first) were signed in to."""

    public_id: str
    accounts: tuple[str, ...]


def account(key: str, email: str) -> str:
    """A keyed hash that stands for an account, where a mailbox must not: in Redis, and in the cookie."""
    return keys.address_hash(key, "sign-in", email)


def known(email: str) -> Device | None:
    """The browser that this request comes from, if it has signed in to the account before."""
    device = _read(web.runtime().config)
    mine = _hashes(web.runtime().config.secret_keys, email)
    return device if device and mine.intersection(device.accounts) else None


def remember(response: Response, email: str) -> None:
    """Let the browser keep that it has signed in to this account."""
    config = web.runtime().config
    before = _read(config) or Device(new_public_id(), ())
    others = [one for one in before.accounts if one not in _hashes(config.secret_keys, email)]
    accounts = [account(config.secret_key, email), *others][:_ACCOUNTS]
    value = keys.sign_until(config.secret_keys, _PURPOSE, f"{before.public_id}:{','.join(accounts)}")
    response.set_cookie(
        cookie_name(config), value, max_age=LASTS, secure=config.secure_cookies, httponly=True, samesite="Strict"
    )


def cookie_name(config: Config) -> str:
    """With the prefix that browsers take over TLS only, from this host only."""
    return "__Host-peoplelink-device" if config.secure_cookies else "peoplelink-device"


def _read(config: Config) -> Device | None:
    cookie = request.cookies.get(cookie_name(config), "")
    try:
        value = keys.unsign_within(config.secret_keys, _PURPOSE, cookie, seconds=LASTS)
    except BadTokenError:
        return None
    public_id, _, accounts = value.partition(":")
    return Device(public_id, tuple(accounts.split(",")))


def _hashes(secret_keys: Sequence[str], email: str) -> set[str]:
    return {account(key, email) for key in secret_keys}
