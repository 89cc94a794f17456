"""SendGrid's webhook signature: ECDSA on P-256 with SHA-256 over the timestamp and the raw body."""

import base64
import binascii

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from peoplelink.errors import InvalidInputError

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"


def new_key_pair() -> tuple[str, str]:
    """A fresh pair as (private, public): base64 DER without armour, the public half just as SendGrid shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return base64.b64encode(private).decode(), public_text(key)


def public_text(key: ec.EllipticCurvePrivateKey) -> str:
    """The public half as SendGrid gives it: base64 of SPKI DER, one line, no armour."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def load_private(text: str) -> ec.EllipticCurvePrivateKey:
    """A P-256 private key from PEM or base64 DER; raises InvalidInputError when it is neither."""
    try:
        if "BEGIN" in text:
            key = load_pem_private_key(text.replace("\\n", "\n").encode(), None)
        else:
            key = load_der_private_key(base64.b64decode(text, validate=True), None)
    except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm) as err:
        raise InvalidInputError("The key must be a P-256 private key as PEM or base64 DER.") from err
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InvalidInputError("The key must be on the curve P-256.")
    return key


def signed_headers(key: ec.EllipticCurvePrivateKey, body: bytes, *, timestamp: int) -> dict[str, str]:
    """The two headers that go with a webhook body; `timestamp` is in seconds since 1970."""
    signature = key.sign(str(timestamp).encode() + body, ec.ECDSA(hashes.SHA256()))
    return {SIGNATURE_HEADER: base64.b64encode(signature).decode(), TIMESTAMP_HEADER: str(timestamp)}
