"""Passwords: which are good enough, and how they are kept (Argon2id with argon2-cffi's own parameters, RFC 9106)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from peoplelink.errors import InvalidInputError

MIN_LENGTH = 12  # characters; NCSC and NIST SP 800-63B ask for length and a list of refused ones, not for symbols
MAX_LENGTH = 256  # hashing megabytes would be a way to keep us busy

# What stands at the top of published lists of leaked passwords, those of 12 characters or more; compared in lower case.
COMMON = frozenset(
    """
    123456789012 1234567890123 12345678901234 123456789123 123456123456 123123123123 012345678910 0123456789012
    111111111111 000000000000 121212121212 112233445566 098765432109 987654321098 password1234 password12345
    password123456 password1234! passwordpassword passw0rd1234 p@ssw0rd1234 p@ssword1234 mypassword123 mypassword1234
    newpassword123 changeme1234 changeme123! letmein12345 letmeinplease welcome12345 welcome123456 welcome2welcome
    qwertyuiop12 qwertyuiop123 qwertyuiop[] qwerty123456 qwerty12345678 qwertyqwerty 1q2w3e4r5t6y 1qaz2wsx3edc
    1qazxsw23edc q1w2e3r4t5y6 zaq12wsxcde3 asdfghjkl123 abcdefghijkl abc123abc123 abcd12345678 iloveyou1234
    iloveyou12345 administrator administrator1 football1234 liverpool1234 leicester1234 leicestercity sunshine1234
    unknown12345 trustno1trustno1
    """.split()  # noqa: SIM905 - a list of sixty strings is harder to read
)
_OUR_NAMES = ("peoplelink", "people link", "people-link")

_hasher = PasswordHasher()


def check(password: str) -> None:
    """Raise InvalidInputError, in words for the typist, unless the password is good enough."""
    if len(password) < MIN_LENGTH:
        raise InvalidInputError(f"Use a password of at least {MIN_LENGTH} characters. Three odd words do well.")
    if len(password) > MAX_LENGTH:
        raise InvalidInputError(f"Use a password of at most {MAX_LENGTH} characters.")
    lowered = password.lower()
    if lowered in COMMON or len(set(lowered)) < 4:  # noqa: PLR2004 - "aaaaaaaaaaaa", "abababababab"
        raise InvalidInputError("That password is one of the first that people guess. Choose another.")
    if any(name in lowered for name in _OUR_NAMES):
        raise InvalidInputError("Leave the name People Link out of your password: people would guess it.")


def hashed(password: str) -> str:
    """The password as it is kept."""
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether it is the password. With no hash (an unknown account) the same work is done, so time tells nothing."""
    try:
        right = _hasher.verify(password_hash or _nobodys(), password[:MAX_LENGTH])
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")
