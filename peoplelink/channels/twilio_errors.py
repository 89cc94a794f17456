"""What Twilio's codes mean to us: try again, whose fault, what to tell the officer.

https://www.twilio.com/docs/api/errors lists the codes. Twilio asks not to rely on `error_code` staying as it is, so a
code we do not know ends the delivery and is never tried again by itself.
"""

from http import HTTPStatus

from peoplelink.channels.errors import (
    ConfigurationError,
    PermanentError,
    SendError,
    TemporaryError,
    UnknownOutcome,
)
from peoplelink.channels.messages import FailureReason

_Rule = tuple[type[SendError], FailureReason]

_WRONG_SETUP: _Rule = (ConfigurationError, FailureReason.CONFIGURATION)
_OUR_WORDS: _Rule = (PermanentError, FailureReason.CONTENT)
_BUSY: _Rule = (TemporaryError, FailureReason.THROTTLED)

CODES: dict[int, _Rule] = {
    # Credentials and account
    **dict.fromkeys((20003, 20008, 20404, 30002, 21408, 21608, 21609), _WRONG_SETUP),
    # Sender or Messaging Service
    **dict.fromkeys((21212, 21603, 21606, 21701, 21703, 21704, 21705, 21708), _WRONG_SETUP),
    # Registration of senders; the last six concern the United States only
    **dict.fromkeys((30018, 30024, 30022, 30023, 30027, 30032, 30033, 30034, 30035), _WRONG_SETUP),
    # WhatsApp and RCS set-up
    **dict.fromkeys((63001, 63007, 63013, 63051), _WRONG_SETUP),
    # Body empty, over 1,600 characters, bad media, bad template
    **dict.fromkeys((21602, 21617, 21620, 21654, 21655, 21656), _OUR_WORDS),
    30007: _OUR_WORDS,  # filtered as spam
    # The address
    21211: (PermanentError, FailureReason.BAD_ADDRESS),
    21610: (PermanentError, FailureReason.OPTED_OUT),  # they texted STOP to this sender
    21612: (PermanentError, FailureReason.BLOCKED),  # no route between this sender and this number
    21614: (PermanentError, FailureReason.NOT_MOBILE),
    21635: (PermanentError, FailureReason.NOT_MOBILE),
    30003: (PermanentError, FailureReason.UNREACHABLE),  # off or out of signal
    30004: (PermanentError, FailureReason.BLOCKED),  # also given for no signal, so it does not condemn the address
    30005: (PermanentError, FailureReason.BAD_ADDRESS),
    30006: (PermanentError, FailureReason.NOT_MOBILE),
    63003: (PermanentError, FailureReason.BAD_ADDRESS),
    63014: (PermanentError, FailureReason.BLOCKED),
    63016: (PermanentError, FailureReason.BLOCKED),  # outside WhatsApp's 24-hour window
    63024: (PermanentError, FailureReason.BAD_ADDRESS),
    # Too much at once
    **dict.fromkeys((20429, 21611, 30001, 30017, 30450, 63017, 63018), _BUSY),
    63012: (TemporaryError, FailureReason.PROVIDER),
    # Twilio's or the carrier's own trouble
    **dict.fromkeys((20500, 20503, 30410), (UnknownOutcome, FailureReason.PROVIDER)),
    30008: (PermanentError, FailureReason.UNKNOWN),
    30036: (PermanentError, FailureReason.EXPIRED),  # older than the validity period we asked for
}

STATUSES: dict[int, _Rule] = {
    HTTPStatus.UNAUTHORIZED: _WRONG_SETUP,
    HTTPStatus.FORBIDDEN: _WRONG_SETUP,
    HTTPStatus.NOT_FOUND: _WRONG_SETUP,
    HTTPStatus.METHOD_NOT_ALLOWED: _WRONG_SETUP,
    HTTPStatus.REQUEST_TIMEOUT: (UnknownOutcome, FailureReason.PROVIDER),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _OUR_WORDS,
    HTTPStatus.TOO_MANY_REQUESTS: _BUSY,
}

_NO_RULE: _Rule = (PermanentError, FailureReason.UNKNOWN)


def refusal(status: int, code: int | None) -> SendError:
    """The error for an answer that is not a yes, by HTTP status and, where Twilio gave one, its own code.

    A 5xx is unknown whatever its code: creating a message is not idempotent (docs/api/errors/20500). Nothing of
    Twilio's own text is kept, since it quotes the number.
    """
    kind, reason = _rule(status, code)
    text = f"HTTP {status}, error {code}" if code and code != status else f"HTTP {status}"
    return kind(text, reason=reason, provider_code=str(code or status))


def reason_for(code: str) -> FailureReason:
    """Why a message failed after acceptance, by the ErrorCode of a status callback."""
    return CODES.get(int(code) if code.isascii() and code.isdigit() else 0, _NO_RULE)[1]


def _rule(status: int, code: int | None) -> _Rule:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UnknownOutcome, FailureReason.PROVIDER
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return _WRONG_SETUP  # we follow no redirect: the base URL is not Twilio's
    return CODES.get(code or 0) or STATUSES.get(status, _NO_RULE)
