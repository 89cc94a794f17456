"""Settings, read once from the environment into one frozen object; every problem is reported together."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from peoplelink import quiet_hours, timing
from peoplelink.quiet_hours import Hours
from peoplelink.timing import Timing

TWILIO_URL = "https://api.twilio.com"
SENDGRID_URL = "https://api.sendgrid.com"
SEGMENTS_PER_SECOND = 10
"""What Twilio lets one UK long number send; a short code or a service of several numbers may do more."""
_MIN_KEY_LENGTH = 32  # characters; `openssl rand -hex 32` gives 64


class ConfigError(Exception):
    """Start-up only: lists every missing or wrong setting, one a line, with what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Settings to put right:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = problems


class KeywordMode(StrEnum):
    """Who answers STOP, START and HELP: see facts on Twilio's keyword handling in docs/operations.md."""

    DEFAULT = "default"  # Twilio answers and blocks, without telling us its verdict
    ADVANCED = "advanced"  # Twilio answers and blocks, and sends OptOutType
    OFF = "off"  # Twilio leaves it all to us


@dataclass(frozen=True)
class Keyring:
    """The keys that work on rows itself needs; every session of a process carries them (see `db.keyring`)."""

    address: str = field(repr=False)
    """Hashes addresses."""
    proof: tuple[str, ...] = field(repr=False)
    """Proofs of broadcasts: the first makes links, all of them verify."""


@dataclass(frozen=True)
class Config:
    """Everything that differs between installations. Secrets never appear in a repr and have no defaults."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    public_url: str
    secret_key: str = field(repr=False)
    address_key: str = field(repr=False)
    proof_key: str = field(repr=False)
    twilio_account_sid: str
    twilio_auth_token: str = field(repr=False)
    sendgrid_api_key: str = field(repr=False)
    sendgrid_from: str
    sendgrid_event_public_key: str
    sendgrid_parse_public_key: str
    inbound_domain: str
    twilio_from: str | None = None
    twilio_messaging_service_sid: str | None = None
    twilio_keywords: KeywordMode = KeywordMode.DEFAULT
    twilio_base_url: str = TWILIO_URL
    twilio_segments_per_second: int = SEGMENTS_PER_SECOND
    sendgrid_base_url: str = SENDGRID_URL
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    proof_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    trusted_proxies: int = 0
    minimum_age: int = 13
    """How old somebody must be to join by themselves (UK GDPR article 8: 13, and regulations may raise it to 16)."""
    timing: Timing = field(default_factory=Timing)
    quiet_hours: Hours = quiet_hours.NONE
    """The organisation's: no broadcast in these, where neither resident nor zone says otherwise."""

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """Newest first: the first signs, all of them verify."""
        return (self.secret_key, *self.secret_key_fallbacks)

    @property
    def keyring(self) -> Keyring:
        """The keys that sessions carry."""
        return Keyring(self.address_key, (self.proof_key, *self.proof_key_fallbacks))

    @property
    def sandboxed(self) -> bool:
        """Whether both providers are stand-ins on this machine: only then are fictional numbers let in."""
        return is_loopback(self.twilio_base_url) and is_loopback(self.sendgrid_base_url)

    @property
    def secure_cookies(self) -> bool:
        """Whether residents and officers reach us over TLS."""
        return self.public_url.startswith("https://")

    @property
    def reply_number(self) -> str | None:
        """The number residents text, if one is set (a Messaging Service may hide it)."""
        return self.twilio_from

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Config":
        """Read every setting; raises ConfigError that names all problems at once."""
        reader = _Reader(env)
        values = reader.values()
        if reader.problems:
            raise ConfigError(reader.problems)
        return cls(**values)  # type: ignore[arg-type]


def database_url(text: str) -> str:
    """A database's address as SQLAlchemy takes it: it refuses postgres://, and would look for another driver.

    Raises ConfigError.
    """
    text = text.strip()
    for given in ("postgres://", "postgresql://"):
        if text.startswith(given):
            return "postgresql+psycopg://" + text.removeprefix(given)
    if not text:
        raise ConfigError(["Set DATABASE_URL: such as postgresql://user:password@host/peoplelink."])
    if not text.startswith(("postgresql+psycopg://", "sqlite:///")):
        raise ConfigError(["DATABASE_URL must start with postgresql:// or sqlite:///."])
    return text


def keyring(env: Mapping[str, str]) -> Keyring:
    """The keys that sessions carry, for a command that needs no other setting. Raises ConfigError."""
    reader = _Reader(env)
    address_key, proof_key = reader.key("PEOPLELINK_ADDRESS_KEY"), reader.key("PEOPLELINK_PROOF_KEY")
    if reader.problems:
        raise ConfigError(reader.problems)
    return Keyring(address_key, (proof_key, *reader.words("PEOPLELINK_PROOF_KEY_FALLBACKS")))


def is_loopback(url: str) -> bool:
    """Whether a URL points at this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class _Reader:
    """Collects values and problems; a method a kind of setting."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.problems: list[str] = []

    def values(self) -> dict[str, object]:
        public_url = self._url("PEOPLELINK_PUBLIC_URL", "the address residents reach, such as https://link.example.org")
        values = {
            "database_url": self._database_url(),
            "redis_url": self._redis_url(),
            "public_url": public_url,
            "secret_key": self.key("PEOPLELINK_SECRET_KEY"),
            "secret_key_fallbacks": self.words("PEOPLELINK_SECRET_KEY_FALLBACKS"),
            "address_key": self.key("PEOPLELINK_ADDRESS_KEY"),
            "proof_key": self.key("PEOPLELINK_PROOF_KEY"),
            "proof_key_fallbacks": self.words("PEOPLELINK_PROOF_KEY_FALLBACKS"),
            "trusted_proxies": self._whole(
                "PEOPLELINK_TRUSTED_PROXIES", 0, ": how many proxies stand in front of People Link"
            ),
            "minimum_age": self._whole(
                "PEOPLELINK_MINIMUM_AGE", 13, " from 13 to 16: how old residents must be to join", least=13, most=16
            ),
            "timing": timing.from_env(self._env, self.problems),
            "quiet_hours": self._quiet_hours(),
            "inbound_domain": self._required(
                "PEOPLELINK_INBOUND_DOMAIN", "the domain whose mail SendGrid Inbound Parse hands to us"
            ).lower(),
        }
        return values | self._twilio() | self._sendgrid()

    def _twilio(self) -> dict[str, object]:
        sender = self._env.get("TWILIO_FROM") or None
        service = self._env.get("TWILIO_MESSAGING_SERVICE_SID") or None
        if not sender and not service:
            self.problems.append("Set TWILIO_FROM (a number, +44...) or TWILIO_MESSAGING_SERVICE_SID (MG...).")
        if sender and not (sender.startswith("+") and sender[1:].isdigit()):
            self.problems.append("TWILIO_FROM must be a number that residents can answer, written like +441163260000.")
        sid = self._required("TWILIO_ACCOUNT_SID", "the account SID from the Twilio console, AC and 32 hex digits")
        if sid and not _is_sid(sid, "AC"):
            self.problems.append("TWILIO_ACCOUNT_SID must be AC and 32 hex digits.")
        if service and not _is_sid(service, "MG"):
            self.problems.append("TWILIO_MESSAGING_SERVICE_SID must be MG and 32 hex digits.")
        return {
            "twilio_account_sid": sid,
            "twilio_auth_token": self._required("TWILIO_AUTH_TOKEN", "the auth token from the Twilio console"),
            "twilio_from": sender,
            "twilio_messaging_service_sid": service,
            "twilio_keywords": self._keyword_mode(),
            "twilio_segments_per_second": self._whole(
                "TWILIO_SEGMENTS_PER_SECOND",
                SEGMENTS_PER_SECOND,
                " from 1: how many text segments a second may be sent",
                least=1,
            ),
            "twilio_base_url": self._url("TWILIO_BASE_URL", "Twilio's address", default=TWILIO_URL),
        }

    def _sendgrid(self) -> dict[str, object]:
        sender = self._required("SENDGRID_FROM", "the mailbox emails come from, at a domain verified at SendGrid")
        if sender and "@" not in sender:
            self.problems.append("SENDGRID_FROM must be an email address.")
        return {
            "sendgrid_api_key": self._required("SENDGRID_API_KEY", "an API key with Mail Send and Email Logs rights"),
            "sendgrid_from": sender,
            "sendgrid_base_url": self._url("SENDGRID_BASE_URL", "SendGrid's address", default=SENDGRID_URL),
            "sendgrid_event_public_key": self._public_key("SENDGRID_EVENT_PUBLIC_KEY"),
            "sendgrid_parse_public_key": self._public_key("SENDGRID_PARSE_PUBLIC_KEY"),
        }

    def _required(self, name: str, meaning: str) -> str:
        value = self._env.get(name, "").strip()
        if not value:
            self.problems.append(f"Set {name}: {meaning}.")
        return value

    def key(self, name: str) -> str:
        value = self._required(name, "a long random text, such as `openssl rand -hex 32` prints; keep it safe")
        if value and len(value) < _MIN_KEY_LENGTH:
            self.problems.append(f"{name} is too short: use at least {_MIN_KEY_LENGTH} characters.")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(self._env.get(name, "").split())

    def _database_url(self) -> str:
        try:
            return database_url(self._env.get("DATABASE_URL", ""))
        except ConfigError as err:
            self.problems += err.problems
            return ""

    def _redis_url(self) -> str:
        url = self._required("REDIS_URL", "such as redis://127.0.0.1:6379/0 (Redis 6.2 or later, or Valkey)")
        if url and not url.startswith(("redis://", "rediss://", "unix://")):
            self.problems.append("REDIS_URL must start with redis://, rediss:// or unix://.")
        return url

    def _url(self, name: str, meaning: str, default: str = "") -> str:
        url = (self._env.get(name, "").strip() or default).rstrip("/")
        if not url:
            self.problems.append(f"Set {name}: {meaning}.")
        elif not url.startswith(("http://", "https://")) or not urlsplit(url).hostname:
            self.problems.append(
                f"{name} must be a whole address that starts with https:// (or http:// on this machine)."
            )
        elif url.startswith("http://") and not is_loopback(url):
            self.problems.append(f"{name} must start with https://: http is only for this machine.")
        return url

    def _quiet_hours(self) -> Hours:
        hours = quiet_hours.parse(self._env.get("PEOPLELINK_QUIET_HOURS", "").strip() or quiet_hours.DEFAULT)
        if hours is None:
            self.problems.append("PEOPLELINK_QUIET_HOURS must be two times, like 21:00-08:00, or off.")
        return hours or quiet_hours.NONE

    def _whole(self, name: str, default: int, meaning: str, *, least: int = 0, most: int = 99_999_999) -> int:
        text = self._env.get(name, "").strip() or str(default)
        if not text.isdigit() or not least <= int(text) <= most:
            self.problems.append(f"{name} must be a whole number{meaning}.")
            return default
        return int(text)

    def _keyword_mode(self) -> KeywordMode:
        text = self._env.get("TWILIO_KEYWORDS", "").strip() or KeywordMode.DEFAULT.value
        try:
            return KeywordMode(text)
        except ValueError:
            self.problems.append("TWILIO_KEYWORDS must be default, advanced or off.")
            return KeywordMode.DEFAULT

    def _public_key(self, name: str) -> str:
        value = self._required(name, "the verification key SendGrid shows when signing is switched on")
        try:
            if value:
                load_der_public_key(base64.b64decode(value, validate=True))
        except (ValueError, binascii.Error, UnsupportedAlgorithm):
            self.problems.append(f"{name} is not a key: copy it whole from SendGrid, without line breaks.")
        return value


def _is_sid(value: str, prefix: str) -> bool:
    digits = value.removeprefix(prefix)
    return value.startswith(prefix) and len(digits) == 32 and all(c in "0123456789abcdefABCDEF" for c in digits)  # noqa: PLR2004
