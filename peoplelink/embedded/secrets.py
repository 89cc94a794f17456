"""Keys and the sandbox's credentials: made once, kept in one file for the owner's eyes only."""

import os
import secrets
from pathlib import Path

from peoplelink.sandbox.signing import new_key_pair

FILE = "secrets.env"


def load_or_make(folder: Path) -> dict[str, str]:
    """The secrets of this folder; made at the first call. Losing the file means that links and hashes made with it die.

    The sandbox's credentials look like a provider's and open nothing.
    """
    path = folder / FILE
    kept = read(path)
    missing = {name: value for name, value in _fresh().items() if name not in kept}
    if missing:
        kept |= missing
        write(path, kept)
    return kept


def read(path: Path) -> dict[str, str]:
    """NAME=value lines; empty when there is no such file."""
    if not path.exists():
        return {}
    lines = [line.partition("=") for line in path.read_text().splitlines() if not line.startswith("#")]
    return {name: value for name, _, value in lines if name}


def write(path: Path, values: dict[str, str]) -> None:
    """Put the values on disk, readable by the owner only, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("# Made by `peoplelink run`. Keep it secret; keep it with your backups.\n")
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    fresh.replace(path)


def _fresh() -> dict[str, str]:
    event_private, event_public = new_key_pair()
    parse_private, parse_public = new_key_pair()
    return {
        "PEOPLELINK_SECRET_KEY": secrets.token_hex(32),
        "PEOPLELINK_ADDRESS_KEY": secrets.token_hex(32),
        "PEOPLELINK_PROOF_KEY": secrets.token_hex(32),
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "SENDGRID_API_KEY": f"SG.{secrets.token_urlsafe(16)}.{secrets.token_urlsafe(32)}",
        "SENDGRID_EVENT_PUBLIC_KEY": event_public,
        "SENDGRID_PARSE_PUBLIC_KEY": parse_public,
        "SANDBOX_EVENT_PRIVATE_KEY": event_private,
        "SANDBOX_PARSE_PRIVATE_KEY": parse_private,
    }
