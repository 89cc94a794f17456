"""The life of a delivery: its states, their ranks, and the words that officers read."""

from enum import StrEnum

from peoplelink.channels.messages import FailureReason


class DeliveryStatus(StrEnum):
    """Where a delivery stands. Within one attempt the rank only rises; only the engine opens a new attempt."""

    QUEUED = "queued"  # waits for its turn
    HELD = "held"  # waits for an hour when it may be sent; see when and why
    SENDING = "sending"  # claimed: an attempt is open
    UNCONFIRMED = "unconfirmed"  # the outcome of the attempt is unknown; never sent again blindly
    SENT = "sent"  # the provider has accepted it
    FAILED = "failed"  # will not arrive; see the reason
    DELIVERED = "delivered"  # the handset or the mailbox took it
    SUPPRESSED = "suppressed"  # the address may not be written to
    EXPIRED = "expired"  # too late to be of use
    CANCELLED = "cancelled"  # an officer or a STOP took it back


# "delivered" outranks "failed": a carrier's refusal that is followed by a receipt was wrong (facts on Twilio, A2).
# What we chose not to send is only reached from "queued", and nothing follows it.
RANK = {
    DeliveryStatus.QUEUED: 0,
    DeliveryStatus.HELD: 0,
    DeliveryStatus.SENDING: 10,
    DeliveryStatus.UNCONFIRMED: 20,
    DeliveryStatus.SENT: 30,
    DeliveryStatus.FAILED: 40,
    DeliveryStatus.DELIVERED: 50,
    DeliveryStatus.SUPPRESSED: 60,
    DeliveryStatus.EXPIRED: 60,
    DeliveryStatus.CANCELLED: 60,
}

HANDED_OVER = frozenset(
    {DeliveryStatus.SENT, DeliveryStatus.FAILED, DeliveryStatus.DELIVERED, DeliveryStatus.UNCONFIRMED}
)
ACCEPTED = frozenset({DeliveryStatus.SENT, DeliveryStatus.DELIVERED})
NOT_SENT = frozenset({DeliveryStatus.SUPPRESSED, DeliveryStatus.EXPIRED, DeliveryStatus.CANCELLED})
FINAL = frozenset({DeliveryStatus.FAILED, DeliveryStatus.DELIVERED}) | NOT_SENT

REASON_WORDS = {
    FailureReason.BAD_ADDRESS: "There is no such number or mailbox",
    FailureReason.UNREACHABLE: "The phone was off or out of signal, or the mailbox was full",
    FailureReason.OPTED_OUT: "They have told the phone company to stop our texts; they can text START to lift that",
    FailureReason.BLOCKED: "Their phone or mail company refused it",
    FailureReason.NOT_MOBILE: "The number is a landline",
    FailureReason.CONTENT: "The words of the message were refused",
    FailureReason.CONFIGURATION: "Something in our own settings is wrong: tell the administrator",
    FailureReason.THROTTLED: "Too many messages at once: we tried three times",
    FailureReason.PROVIDER: "The company that carries our messages had a fault",
    FailureReason.EXPIRED: "It waited too long at the phone company",
    FailureReason.UNKNOWN: "The phone or mail company gave no reason we know",
}


class HoldReason(StrEnum):
    """Why a message, or all of a dispatch, waits."""

    QUIET_HOURS = "quiet_hours"  # the resident, their zone or the organisation wants no messages at this hour
    OFFICER = "officer"  # an officer has paused it
    FAILURES = "failures"  # too many of the last messages failed: an officer must look


class SuppressionReason(StrEnum):
    """Why an address may not be written to."""

    STOP = "stop"  # the resident texted STOP
    UNSUBSCRIBED = "unsubscribed"  # the resident left by a link or the mail program's button
    BOUNCED = "bounced"  # no such number or mailbox
    COMPLAINED = "complained"  # reported as spam
    PROVIDER = "provider"  # the provider says the resident opted out there
    OFFICER = "officer"  # an officer, on request
    ERASED = "erased"  # everything else was erased at the resident's wish


class Purpose(StrEnum):
    """What a dispatch is for. It decides urgency, and what may still be sent to a suppressed address."""

    BROADCAST = "broadcast"
    TEST = "test"  # an officer's test to themselves
    CONFIRMATION = "confirmation"  # "reply YES", "confirm your email"
    KEYWORD_ANSWER = "keyword_answer"  # HELP, START, what to text
    OPT_OUT_ANSWER = "opt_out_answer"  # what STOP itself is answered with, and a JOIN that comes after it
    ACKNOWLEDGEMENT = "acknowledgement"  # "thanks, a person will read it"
    REPLY = "reply"  # an officer answers a conversation
    RIGHTS = "rights"  # answers what somebody asked by right: a complaint, an objection
    NOTICE = "notice"  # to an officer, about their work
    ZONE_OPENED = "zone_opened"  # once, to whoever waits for a zone where they live
    PREFERENCES = "preferences"  # the link to a resident's own page, which they asked for; news of a change there
    DIGEST = "digest"  # the broadcasts of a day or week in one email


class Urgency(StrEnum):
    """Urgent goes first: a person waits. With a sender it makes a lane."""

    URGENT = "urgent"
    BULK = "bulk"


# A confirmation may follow an unsubscribe, an erasure or what an officer was asked to stop, because the resident
# themselves asked to come back; never a STOP.
# (At a number that an officer stopped `subscribers.signup` asks only after a START.)
# The answer to STOP, or to a JOIN after it, passes everything: suppression is for what we say unasked.
PASSES = {
    Purpose.OPT_OUT_ANSWER: frozenset(SuppressionReason),
    Purpose.CONFIRMATION: frozenset(
        {SuppressionReason.UNSUBSCRIBED, SuppressionReason.ERASED, SuppressionReason.OFFICER}
    ),
    # Who left by a link, or was erased, and then texts HELP asks for an answer; after a STOP `OPT_OUT_ANSWER` gives it.
    Purpose.KEYWORD_ANSWER: frozenset({SuppressionReason.UNSUBSCRIBED, SuppressionReason.ERASED}),
    # Whoever asks by right is owed an answer; but after a STOP no text, whatever was typed into a form.
    Purpose.RIGHTS: frozenset({SuppressionReason.UNSUBSCRIBED, SuppressionReason.ERASED}),
    # Who leaves as a resident and works for the office by the same mailbox still does their work.
    Purpose.NOTICE: frozenset({SuppressionReason.UNSUBSCRIBED}),
}
