"""Which parts the environment names, and the stand-ins for those it does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DATABASE_FILE = "peoplelink.db"
SANDBOX_NUMBER = "+447700900000"  # Ofcom's, for drama: no phone in the world has it
SANDBOX_MAILBOX = "people.link@example.org"
SANDBOX_DOMAIN = "reply.example.org"
REDIS_TO_COME = "redis://127.0.0.1:0/0"
"""Stands for the embedded server until it listens."""

_TWILIO = (
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_FROM",
    "TWILIO_MESSAGING_SERVICE_SID",
    "TWILIO_BASE_URL",
)
_SENDGRID = (
    "SENDGRID_API_KEY",
    "SENDGRID_FROM",
    "SENDGRID_BASE_URL",
    "SENDGRID_EVENT_PUBLIC_KEY",
    "SENDGRID_PARSE_PUBLIC_KEY",
    "PEOPLELINK_INBOUND_DOMAIN",
)
_SANDBOX_KEYS = ("SANDBOX_EVENT_PRIVATE_KEY", "SANDBOX_PARSE_PRIVATE_KEY")


@dataclass(frozen=True)
class Part:
    """A part of the installation, for the list that is printed at the start."""

    name: str
    embedded: bool
    what: str


@dataclass(frozen=True)
class Environment:
    """Settings for every process, and which of them are stand-ins."""

    values: dict[str, str]
    parts: tuple[Part, ...]

    @property
    def sandboxed(self) -> bool:
        """Whether a stand-in for a provider must run."""
        return any(part.embedded for part in self.parts if part.name in {"Texts", "Email"})


def complete(
    env: Mapping[str, str], folder: Path, secrets: Mapping[str, str], *, port: int, sandbox: int
) -> Environment:
    """`env` with a stand-in for each part that it says nothing about. `port` and `sandbox` are where we will listen.

    A provider of which only some settings are given gets no stand-in: Config then names those that are missing, for
    messages that silently go nowhere are worse than a start that fails.
    """
    values = {name: value for name, value in env.items() if value.strip()}
    sandbox_url = f"http://127.0.0.1:{sandbox}"
    twilio, sendgrid = _absent(values, _TWILIO), _absent(values, _SENDGRID)
    parts = (
        Part("Database", "DATABASE_URL" not in values, f"SQLite, in {folder / DATABASE_FILE}"),
        Part("Queue", "REDIS_URL" not in values, "Valkey, started with People Link"),
        Part("Texts", twilio, f"the sandbox plays Twilio at {sandbox_url}"),
        Part("Email", sendgrid, f"the sandbox plays SendGrid at {sandbox_url}"),
    )
    if twilio:
        values |= _sandboxed_twilio(secrets, sandbox_url)
    if sendgrid:
        values |= _sandboxed_sendgrid(secrets, sandbox_url)
    if twilio and sendgrid:
        # With a real provider only its owner knows the address that the provider can reach.
        values.setdefault("PEOPLELINK_PUBLIC_URL", f"http://127.0.0.1:{port}")
        # Nobody real is woken, and whoever tries it in the evening wants to see messages arrive.
        values.setdefault("PEOPLELINK_QUIET_HOURS", "off")
    values.setdefault("DATABASE_URL", f"sqlite:///{folder.resolve() / DATABASE_FILE}")
    values.setdefault("REDIS_URL", REDIS_TO_COME)
    for name in ("PEOPLELINK_SECRET_KEY", "PEOPLELINK_ADDRESS_KEY", "PEOPLELINK_PROOF_KEY", *_SANDBOX_KEYS):
        values.setdefault(name, secrets[name])
    return Environment(values, parts)


def lines(parts: tuple[Part, ...]) -> list[str]:
    """A line a part, for the terminal."""
    return [f"  {part.name:<9} {part.what if part.embedded else 'as your settings say'}" for part in parts]


def _absent(values: Mapping[str, str], names: tuple[str, ...]) -> bool:
    return not any(name in values for name in names)


def _sandboxed_twilio(secrets: Mapping[str, str], url: str) -> dict[str, str]:
    return {
        "TWILIO_ACCOUNT_SID": secrets["TWILIO_ACCOUNT_SID"],
        "TWILIO_AUTH_TOKEN": secrets["TWILIO_AUTH_TOKEN"],
        "TWILIO_FROM": SANDBOX_NUMBER,
        "TWILIO_BASE_URL": url,
    }


def _sandboxed_sendgrid(secrets: Mapping[str, str], url: str) -> dict[str, str]:
    return {
        "SENDGRID_API_KEY": secrets["SENDGRID_API_KEY"],
        "SENDGRID_FROM": SANDBOX_MAILBOX,
        "SENDGRID_BASE_URL": url,
        "SENDGRID_EVENT_PUBLIC_KEY": secrets["SENDGRID_EVENT_PUBLIC_KEY"],
        "SENDGRID_PARSE_PUBLIC_KEY": secrets["SENDGRID_PARSE_PUBLIC_KEY"],
        "PEOPLELINK_INBOUND_DOMAIN": SANDBOX_DOMAIN,
    }
