"""The themes a report may be about, until the office changes them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink.intelligence.models import Theme

THEMES = (
    ("anti-social-behaviour", "Anti-social behaviour"),
    ("drugs", "Drugs"),
    ("violence-and-weapons", "Violence and weapons"),
    ("theft-and-burglary", "Theft and burglary"),
    ("traffic-and-parking", "Traffic and parking"),
    ("litter-and-fly-tipping", "Litter and fly-tipping"),
    ("lights-and-open-spaces", "Lights and open spaces"),
    ("young-people", "Young people"),
    ("hate", "Hate"),
    ("safety-at-home", "Safety at home"),
    ("policing", "Policing and being seen"),
    ("thanks-and-ideas", "Thanks and ideas"),
    ("other", "Other"),
)


def plant(session: Session) -> int:
    """Add the themes that are missing; how many that were. One that an officer renamed or closed stays as it is."""
    known = set(session.scalars(select(Theme.slug)))
    missing = [
        Theme(slug=slug, name=name, position=position)
        for position, (slug, name) in enumerate(THEMES, start=1)
        if slug not in known
    ]
    session.add_all(missing)
    session.flush()
    return len(missing)
