"""What a new installation needs before anybody can use it: its schema, its seed, its first officer."""

import datetime as dt
import secrets

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peoplelink import clock, schema
from peoplelink.db import opened
from peoplelink.ids import CODE_ALPHABET
from peoplelink.intelligence import seed as intelligence_seed
from peoplelink.officers import services as officers
from peoplelink.officers.models import Officer, Role
from peoplelink.subscribers import seed as subscribers_seed

FIRST_OFFICER = "officer@example.org"
_FIRST_OFFICER_MOBILE = "+447700900900"  # Ofcom's, for drama: test messages show on the sandbox's handset


def prepare(url: str, *, with_officer: bool) -> str | None:
    """Bring a database up to date, plant what is missing; the password of the first officer if one was made.

    Running it again changes nothing.
    """
    schema.upgrade(url)
    with opened(url) as database, database.transaction() as session:
        now = clock.now()
        subscribers_seed.plant(session, now=now)
        intelligence_seed.plant(session)
        return _first_officer(session, now) if with_officer else None


def generated_password() -> str:
    """Sixteen letters and digits in fours (78 bits), none of them mistaken for another when typed from a screen."""
    return "-".join("".join(secrets.choice(CODE_ALPHABET) for _ in range(4)) for _ in range(4))


def _first_officer(session: Session, now: dt.datetime) -> str | None:
    if session.scalar(select(func.count()).select_from(Officer)):
        return None
    password = generated_password()
    officers.create(
        session,
        name="First officer",
        email=FIRST_OFFICER,
        password=password,
        role=Role.ADMINISTRATOR,
        all_zones=True,
        mobile=_FIRST_OFFICER_MOBILE,
        now=now,
    )
    return password
