"""Whether SendGrid signed a request: ECDSA on P-256 with SHA-256 over the timestamp and the body as it came.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/securing-your-parse-webhooks
The official helper wants the body as text, which Inbound Parse's is not, and raises other errors for odd headers.
"""

import base64
import binascii

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from peoplelink import clock
from peoplelink.channels.errors import InvalidSignatureError
from peoplelink.channels.messages import ProviderRequest
from peoplelink.channels.payload import header

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"

MAX_AGE = 7 * 24 * 3600
"""Seconds. SendGrid documents no window, nor whether a retry is signed anew. It retries events for 24 hours and mail
for 3 days: a week refuses nothing true, and repeats within it are told by their ids."""

MAX_AHEAD = 600
"""Seconds our clock may be behind SendGrid's."""

_TIMESTAMP_DIGITS = 12


def read_key(text: str) -> EllipticCurvePublicKey:
    """The key as SendGrid shows it, base64 without armour; raises ValueError when it is anything else."""
    try:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("not a public key as SendGrid shows it") from error
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("not a key on the curve SendGrid signs with")  # noqa: TRY004 - a bad setting, not a bad type
    return key


def verify(request: ProviderRequest, key: EllipticCurvePublicKey) -> None:
    """Raises InvalidSignatureError unless the holder of `key` signed this body lately, whatever is wrong."""
    stamp = header(request, TIMESTAMP_HEADER)
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _TIMESTAMP_DIGITS):
        raise InvalidSignatureError("no timestamp")
    try:
        signature = base64.b64decode(header(request, SIGNATURE_HEADER), validate=True)
        key.verify(signature, stamp.encode() + request.body, ECDSA(SHA256()))
    except (binascii.Error, ValueError, InvalidSignature) as error:
        raise InvalidSignatureError("no match") from error
    age = clock.now().timestamp() - int(stamp)
    if not -MAX_AHEAD <= age <= MAX_AGE:
        raise InvalidSignatureError("too old or too new")
