"""Zones and topics: which there are, and how they are named in a sentence."""

from collections.abc import Collection, Sequence
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink.languages import listed
from peoplelink.subscribers.models import Topic, Zone


def active(session: Session) -> list[Zone]:
    """The zones that residents may choose, by name."""
    return list(session.scalars(select(Zone).where(Zone.active).order_by(Zone.name)))


def every(session: Session) -> list[Zone]:
    """All zones by name, those that take no residents too."""
    return list(session.scalars(select(Zone).order_by(Zone.name)))


def topics(session: Session) -> list[Topic]:
    """The topics that residents may choose, in the order they are shown."""
    return list(session.scalars(select(Topic).where(Topic.active).order_by(Topic.position, Topic.id)))


def by_ids(session: Session, ids: Collection[int]) -> list[Zone]:
    """These zones by name, whether or not they still take new residents."""
    return list(session.scalars(select(Zone).where(Zone.id.in_(ids)).order_by(Zone.name)))


def named(zones: Sequence[Zone], *, last: Literal["and", "or"] = "and") -> str:
    """The names of zones as a person says them."""
    return listed([zone.name for zone in zones], last=last)
