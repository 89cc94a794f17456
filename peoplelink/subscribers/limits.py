"""How often we write to somebody who has not agreed yet: a form that sends texts will be abused."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peoplelink.channels.messages import Medium
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Address
from peoplelink.outbound.states import Purpose
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.models import SignUp, SignUpAddress, SignUpSource

_DAY = dt.timedelta(days=1)

CONFIRMATIONS_A_DAY = 3
"""To one address: a slip of the finger and a change of mind are let in, a stream of unwanted texts is not."""
SAME_AGAIN = dt.timedelta(minutes=2)
"""A second press of the button within this time asks for nothing new; a text takes seconds to arrive."""
WEB_TEXTS_A_DAY = 2_000
"""Confirmation texts asked for by web form, to everybody: several times the busiest day of sign-ups we can imagine (a
whole estate has about 2,000 homes), and a ceiling on what an attack by many clients can cost."""
SIGN_UPS_PER_CLIENT = "10/hour"
"""For one client address: a family or a stall at a fair gets by, a script does not."""
POSTCODES_PER_CLIENT = "60/hour"
"""Looked up for one client address: to find the zones of all postcodes, ask an officer for the list instead."""
EMAIL_JOINS_A_DAY = 500
"""Mails that say JOIN and are answered, from everybody. Whoever forges them must pass for the sender's own post office,
but one who owns a domain has as many mailboxes as they like."""
ASK_AGAIN_PER_CLIENT = "5/hour"
"""For one client address: more than a person needs, whoever's number they type."""
ASKED_AGAIN_A_DAY = 500
"""Requests sent once more because somebody said that none had come, to everybody."""
FACE_TO_FACE_PER_OFFICER = "60/hour"
"""A neighbour a minute is a good day at the fair; an account in the wrong hands is stopped."""
ANSWERS_AN_HOUR = 10
"""To one number: more than a person needs, and two machines that answer each other fall silent."""
ANSWERS_A_DAY = 30
"""To one number or mailbox: a machine slow enough for the limit by the hour would be answered for ever."""
_ANSWERS = (Purpose.KEYWORD_ANSWER, Purpose.OPT_OUT_ANSWER, Purpose.CONFIRMATION)


def may_ask(session: Session, address: Address, *, now: dt.datetime) -> bool:
    """Whether this address may be asked once more today to confirm."""
    sent = outbound.count_recent(session, address, [Purpose.CONFIRMATION], since=now - _DAY)
    return sent < CONFIRMATIONS_A_DAY


def web_texts_left(session: Session, *, now: dt.datetime) -> bool:
    """Whether the web form may send another confirmation text today, to anybody."""
    asked = _asked_today(session, SignUpSource.WEB, Medium.SMS, now=now) + _asked_to_wait(session, now=now)
    return asked < WEB_TEXTS_A_DAY


def email_joins_left(session: Session, *, now: dt.datetime) -> bool:
    """Whether another mail that says JOIN may be answered today, whoever's it is."""
    return _asked_today(session, SignUpSource.EMAIL, Medium.EMAIL, now=now) < EMAIL_JOINS_A_DAY


def _asked_today(session: Session, source: SignUpSource, medium: Medium, *, now: dt.datetime) -> int:
    asked = session.scalar(
        select(func.count())
        .select_from(SignUpAddress)
        .join(SignUp)
        .join(Address, Address.id == SignUpAddress.address_id)
        .where(SignUp.created_at > now - _DAY, SignUp.source == source, Address.medium == medium)
    )
    return asked or 0


def _asked_to_wait(session: Session, *, now: dt.datetime) -> int:
    """Numbers that the form on the waiting list asked today; each at most `CONFIRMATIONS_A_DAY` times."""
    asked = (
        select(func.count())
        .select_from(Waiting)
        .join(Address, Address.id == Waiting.address_id)
        .where(Waiting.asked_at > now - _DAY, Waiting.by_form, Address.medium == Medium.SMS)
    )
    return session.scalar(asked) or 0


def may_answer(session: Session, address: Address, *, now: dt.datetime) -> bool:
    """Whether a number that texts us keywords may be answered once more, this hour and today."""
    lately = outbound.count_recent(session, address, _ANSWERS, since=now - dt.timedelta(hours=1))
    return lately < ANSWERS_AN_HOUR and answers_left_today(session, address, now=now)


def answers_left_today(session: Session, address: Address, *, now: dt.datetime) -> bool:
    """Whether it has not had all the answers of a day yet; the one to a change, which is owed, asks only this."""
    return outbound.count_recent(session, address, _ANSWERS, since=now - _DAY) < ANSWERS_A_DAY
