"""The settings of a sandboxed installation, for tests and for pictures of its pages."""

from peoplelink.config import Config


def sandboxed(event_key: str, parse_key: str) -> Config:
    """Nothing answers at the addresses of its providers and its Redis; the keys are SendGrid's public ones."""
    return Config(
        database_url="sqlite:///",
        redis_url="redis://127.0.0.1:9/0",
        public_url="http://127.0.0.1:8000",
        secret_key="s" * 64,
        address_key="a" * 64,
        proof_key="p" * 64,
        twilio_account_sid="AC" + "0123456789abcdef" * 2,
        twilio_auth_token="t" * 32,
        twilio_from="+447700900000",
        twilio_base_url="http://127.0.0.1:9",
        sendgrid_api_key="SG.test",
        sendgrid_from="people.link@example.org",
        sendgrid_base_url="http://127.0.0.1:9",
        sendgrid_event_public_key=event_key,
        sendgrid_parse_public_key=parse_key,
        inbound_domain="reply.example.org",
    )
