"""Signs requests the way SendGrid does, with a fresh key."""

import base64
import time

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from peoplelink.channels.messages import ProviderRequest


class Signer:
    """A key pair and what SendGrid does with it."""

    def __init__(self):
        self._key = ec.generate_private_key(ec.SECP256R1())
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.public_key = base64.b64encode(der).decode()

    def headers(self, body, *, stamp=None):
        stamp = str(int(time.time())) if stamp is None else stamp
        signature = self._key.sign(stamp.encode() + body, ec.ECDSA(SHA256()))
        return {
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        }

    def request(self, body, *, content_type="application/json", stamp=None):
        url = "https://link.example.org/webhooks/sendgrid/events"
        return ProviderRequest(url, self.headers(body, stamp=stamp), body, content_type)
