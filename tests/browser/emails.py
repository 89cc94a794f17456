"""Our emails as pages, in every language: what a mail program shows. Also the file in which residents take all away."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink import clock, languages
from peoplelink.broadcasts import checks, digest_words, pages
from peoplelink.broadcasts.models import Broadcast
from peoplelink.languages import LANGUAGES
from peoplelink.outbound import words
from peoplelink.subscribers import answers, joining_words, preference_links
from peoplelink.subscribers.links import Links
from tests.subscribers import people

LINKS = Links("https://peoplelink.leicestershirecommissioner.example.org", ("s" * 64,))
"""An address as long as an office's may be, with no place to break it."""


def every(session: Session) -> dict[str, str]:
    """{name and language: the page}. Nothing is kept: roll the session back."""
    made = dict(_broadcasts(session))
    for code in LANGUAGES:
        with languages.speaking(code):
            for name, body in _to_residents(session):
                made[f"{name}-{code}"] = words.email_html(body)
    return made


def _broadcasts(session: Session) -> Iterator[tuple[str, str]]:
    broadcast = session.scalars(select(Broadcast).where(Broadcast.title == "Litter pick")).one()
    yield "broadcast-en", pages.email_page(checks.draft_of(broadcast), name="Robin")


def _to_residents(session: Session) -> Iterator[tuple[str, str]]:
    now = clock.now()
    asked = people.sign_up(session, now, email=f"reader-{languages.current().code}@example.org")
    where = asked.addresses[0].address
    confirm, zones = LINKS.confirm(asked, where), [people.zone(session)]
    yield "moved", answers.asked_by_mail(zones, confirm, moved=True)
    yield "confirmation", answers.asked_by_mail(zones, confirm) + "\n\n" + joining_words.beside_the_request(LINKS)
    yield "reminder", joining_words.reminded_by_mail(zones, confirm)
    yield "moved-reminder", joining_words.reminded_by_mail(zones, confirm, moved=True)
    yield "own-page", preference_links._mail(LINKS.preferences(where))
    yield "which-zone", joining_words.which_zone_by_mail(zones, [], LINKS)
    sent = session.scalars(select(Broadcast.id).where(Broadcast.title.in_(("Coffee morning", "Summer fair")))).all()
    yield "digest", words.fill(digest_words.email(session, sent).body, "Robin")
