"""Keyed hashes and signed links. Keys come from the configuration; the newest signs, all of them verify."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

from itsdangerous import BadSignature, Signer, TimestampSigner
from itsdangerous.signer import SigningAlgorithm

_HEAD = r"(?:(?:(?<=/)|(?<=%2F)|(?<=%2f)|(?<![\w.:%-]))(?:[\w:.-]|%3[Aa])*?)?"
"""The ids before a signature, where they stand beside it on one line: without it they open nothing."""
_BROKEN = r"[ \t]*\r?\n[> \t]*"
_LETTER, _END = "[A-Za-z0-9_-]", r"_{0,2}(?![A-Za-z0-9_-])"
_HYPHENS = "(?:2[Dd]|5[Ff])"
_WRITTEN = (_LETTER, f"(?:[A-Za-z0-9_]|%(?:25)?{_HYPHENS})", f"(?:[A-Za-z0-9]|-{_HYPHENS})")
"""A letter of a signature, as it is and as mail filters write it. One way at a time: mixed, it takes for ever."""
_ANY = "|".join(f"{letter}{{43}}" for letter in _WRITTEN)
_WHOLE = re.compile(rf"{_HEAD}\.(?:{_BROKEN})?(?P<begun>{_ANY})(?P<rest>){_END}")
"""What `sign` and `sign_until` make, at the end of a link: ids, perhaps a moment, and 256 bits in base64 (43 letters).

Also in a link that a mail filter has put into one of its own, writing "-" and "_" as %2D, %252D or -2D, or between
underscores; not where the filter's link says nothing of ours.
"""
_IN_TWO = re.compile(rf"{_HEAD}\.(?P<begun>{_LETTER}{{1,42}}){_BROKEN}(?P<rest>{_LETTER}{{1,42}}){_END}")
"""The same broken over two lines, as mails are that quote ours: it is one where the two make 43 letters."""
_SIGNATURE = 43
_REPLY_MAC_LENGTH = 16  # hex digits: 64 bits, ample for a token that only routes a reply


class BadTokenError(Exception):
    """The link was changed, cut short, signed with an unknown key, or has run out."""


def address_hash(key: str, medium: str, value: str) -> str:
    """Keyed hash of an address: recognises it without holding it (suppression after erasure, proof)."""
    return hmac.new(key.encode(), f"{medium}:{value}".encode(), hashlib.sha256).hexdigest()


def sign(keys: Sequence[str], purpose: str, value: str) -> str:
    """`value` with a signature that only holds for `purpose`. `keys` runs from newest to oldest."""
    return _signer(keys, purpose).sign(value).decode()


def unsign(keys: Sequence[str], purpose: str, token: str) -> str:
    """The value of a token made by `sign`.

    Raises BadTokenError when no key verifies it.
    """
    try:
        return _signer(keys, purpose).unsign(token).decode()
    except (BadSignature, UnicodeError) as err:
        raise BadTokenError from err


def sign_until(keys: Sequence[str], purpose: str, value: str) -> str:
    """Like `sign`, with the moment of signing inside, for links that run out."""
    return _timed(keys, purpose).sign(value).decode()


def unsign_within(keys: Sequence[str], purpose: str, token: str, *, seconds: int) -> str:
    """The value of a token made by `sign_until` not longer than `seconds` ago; raises BadTokenError."""
    try:
        return _timed(keys, purpose).unsign(token, max_age=seconds).decode()
    except (BadSignature, UnicodeError) as err:
        raise BadTokenError from err


def without_tokens(text: str, instead: str) -> str:
    """A text whose signed links work no more, for eyes other than those it was written for: they act as its reader."""
    for pattern in (_WHOLE, _IN_TWO):
        text = pattern.sub(lambda found: instead if _is_signature(found) else found[0], text)
    return text


def _is_signature(found: re.Match[str]) -> bool:
    """Whether it has the length of one, and large and small letters: a line of dashes has not, nor a hyphened word."""
    letters = found["begun"] + found["rest"]
    long_enough = len(letters) == _SIGNATURE or not found["rest"]
    return long_enough and not letters.islower() and not letters.isupper() and any(map(str.isalpha, letters))


def reply_token(keys: Sequence[str], public_id: str) -> str:
    """A token for the local part of a Reply-To address: lower-case hex, since some systems fold case."""
    return f"r-{public_id.replace('-', '')}-{_reply_mac(keys[0], public_id)}"


def read_reply_token(keys: Sequence[str], token: str) -> str | None:
    """The dispatch's public id in a reply token, or None when it is not one of ours."""
    parts = token.lower().split("-")
    if len(parts) != 3 or parts[0] != "r" or len(parts[1]) != 32:  # noqa: PLR2004
        return None
    digits = parts[1]
    public_id = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    matches = [hmac.compare_digest(_reply_mac(key, public_id).encode(), parts[2].encode()) for key in keys]
    return public_id if any(matches) else None


def _reply_mac(key: str, public_id: str) -> str:
    return hmac.new(key.encode(), b"reply:" + public_id.encode(), hashlib.sha256).hexdigest()[:_REPLY_MAC_LENGTH]


class _Mac(SigningAlgorithm):
    """HMAC-SHA256, in one call of OpenSSL where the library's own makes and feeds an object: a third of the time."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha256")


class _KeptSigner(Signer):
    """Derives each key once: every email has a link of its own, and the derivation is most of its price."""

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        key = secret_key if secret_key is not None else self.secret_keys[-1]
        derived = self._derived.get(key)
        if derived is None:
            derived = self._derived[key] = super().derive_key(key)
        return derived

    @cached_property
    def _derived(self) -> dict[str | bytes, bytes]:
        return {}


def _signer(keys: Sequence[str], purpose: str) -> Signer:
    return _kept_signer(tuple(keys), purpose)


@lru_cache(maxsize=64)
def _kept_signer(keys: tuple[str, ...], purpose: str) -> Signer:
    # itsdangerous wants the oldest first and signs with the last.
    salt = f"peoplelink.{purpose}"
    how: dict[str, Any] = {"key_derivation": "hmac", "digest_method": hashlib.sha256, "algorithm": _Mac()}
    return _KeptSigner(list(reversed(keys)), salt=salt, **how)


def _timed(keys: Sequence[str], purpose: str) -> TimestampSigner:
    salt = f"peoplelink.{purpose}"
    return TimestampSigner(list(reversed(keys)), salt=salt, key_derivation="hmac", digest_method=hashlib.sha256)
