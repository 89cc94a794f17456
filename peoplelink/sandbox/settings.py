"""What the sandbox is told at start: whose account it plays, with which keys, and where the app listens."""

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

# Ofcom keeps 01632 960xxx for drama: it stands for the pool of a Messaging Service that names no number.
POOL_NUMBER = "+441632960001"


@dataclass(frozen=True)
class Settings:
    """One account at each provider, and one app that uses them. Names that end in _ms are milliseconds."""

    account_sid: str
    auth_token: str = field(repr=False)
    api_key: str = field(repr=False)
    event_key: EllipticCurvePrivateKey = field(repr=False)
    parse_key: EllipticCurvePrivateKey = field(repr=False)
    public_url: str
    inbound_domain: str
    number: str = POOL_NUMBER
    service_sid: str | None = None
    keywords: str = "default"
    host: str = "127.0.0.1"
    port: int = 8001
    journal: Path | None = None
    step_ms: int = 30  # between two statuses of a text, and two events of a mail
    event_batch_ms: int = 200  # SendGrid gathers events for up to 30 s; nobody wants to wait that long here
    retry_ms: int = 500  # first pause before a webhook is tried again; it doubles
    concurrency: int = 32  # webhooks in flight
    keep_requests: bool = False  # remember every request to send, for GET /sandbox/requests
    inbound_fragment: str = "rc=5&rp=all"  # connection overrides, as docs/operations.md tells people to set at Twilio

    @property
    def sender_key(self) -> str:
        """What an opt-out holds for: the whole Messaging Service where there is one, otherwise our number."""
        return self.service_sid or self.number

    @property
    def twilio_inbound_url(self) -> str:
        """Where texts to our number are posted; the fragment is read by us and never signed."""
        fragment = f"#{self.inbound_fragment}" if self.inbound_fragment else ""
        return f"{self.public_url}/webhooks/twilio/inbound{fragment}"

    @property
    def events_url(self) -> str:
        """Where SendGrid's events go."""
        return f"{self.public_url}/webhooks/sendgrid/events"

    @property
    def mail_url(self) -> str:
        """Where mail to our domain is posted."""
        return f"{self.public_url}/webhooks/sendgrid/inbound"
