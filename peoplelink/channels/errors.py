"""What may go wrong at a provider, sorted by what we may do about it.

SendError                 .reason  .provider_code  .provider_text
  TemporaryError          refused before acceptance: try again later (.retry_after seconds, if the provider said)
  UnknownOutcome          time-out, dropped connection, 5xx: perhaps accepted, never sent again blindly
  PermanentError          this address, or these words, will not do
  ConfigurationError      our account, key or sender is wrong: pause the lane, do not blame the resident
  TooLateError            not called at all: the message's moment had passed when the connection stood
InvalidSignatureError     a webhook that the provider did not sign
UnreadablePayloadError    well signed, and still not what the provider documents
"""

from peoplelink.channels.messages import ADDRESS_REASONS, FailureReason


class SendError(Exception):
    """A provider did not say yes. The text is for the log: it holds no address and no words of the message."""

    default_reason = FailureReason.UNKNOWN

    def __init__(
        self, provider_text: str = "", *, reason: FailureReason | None = None, provider_code: str = ""
    ) -> None:
        super().__init__(f"{type(self).__name__} {provider_code}".strip())
        self.reason = reason or self.default_reason
        self.provider_code = provider_code
        self.provider_text = provider_text

    @property
    def permanent(self) -> bool:
        """The address itself is bad and is to be suppressed: the same word as `StatusEvent.permanent`."""
        return isinstance(self, PermanentError) and self.reason in ADDRESS_REASONS


class TemporaryError(SendError):
    """Refused before acceptance: nothing was sent, trying again is safe."""

    default_reason = FailureReason.THROTTLED

    def __init__(
        self,
        provider_text: str = "",
        *,
        reason: FailureReason | None = None,
        provider_code: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(provider_text, reason=reason, provider_code=provider_code)
        self.retry_after = retry_after


class UnknownOutcome(SendError):  # noqa: N818 - it is an outcome
    """The provider may have accepted it."""

    default_reason = FailureReason.PROVIDER


class PermanentError(SendError):
    """Will not work however often it is tried."""


class ConfigurationError(SendError):
    """Ours to put right."""

    default_reason = FailureReason.CONFIGURATION


class TooLateError(SendError):
    """Nothing was sent: `OutboundMessage.not_after` had passed before the first byte left."""


class InvalidSignatureError(Exception):
    """Not signed by the provider."""


class UnreadablePayloadError(Exception):
    """Signed, but not in a form we can read; the text names the part, never its content."""
