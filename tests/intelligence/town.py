"""Two zones with reports, and officers of each reach: what tests of the pages of reports start from."""

from peoplelink.intelligence import seed
from peoplelink.intelligence.models import Report
from peoplelink.officers.models import Role
from tests.factories import (
    add_noise,
    make_conversation,
    make_message,
    make_officer,
    make_report,
    make_subscriber,
    make_zone,
)
from tests.pages import soup, submit

LIST = "/officer/reports"


class Town:
    """Two zones, a conversation and a report in each, and officers of each reach."""

    def __init__(self, session):
        add_noise(session)
        seed.plant(session)
        self.zone, self.other = make_zone(session, name="New Parks"), make_zone(session, name="Coalville")
        self.told = make_conversation(session, zone=self.zone, subscriber=make_subscriber(session, name="Robin Smith"))
        make_message(session, self.told, text="Robin here, 07700 900123. The lights are out.")
        self.here = make_report(session, self.told, text="The lights are out.", zone_id=self.zone.id)
        self.there = make_report(session, make_conversation(session, zone=self.other), text="Cars race at night.")
        # Their conversation has no zone, so that the report is seen where its source is not.
        hidden = make_conversation(session)
        make_message(session, hidden, text="My secret words")
        self.apart = make_report(session, hidden, text="Bikes on the path.", zone_id=self.zone.id)
        self.local = make_officer(session, zones=[self.zone], role=Role.ANALYST, name="A Local")
        self.all = make_officer(session, role=Role.ADMINISTRATOR)
        self.composer = make_officer(session, role=Role.COMPOSER)


def page_of(report):
    return f"{LIST}/{report.public_id}"


def opening(town):
    return f"/officer/conversations/{town.told.public_id}/report"


def send_opening(client, town, **fields):
    """Fill in the form of a new report as its page shows it, and send it."""
    seen = soup(client.get(opening(town))).find("input", attrs={"name": "seen_report"})["value"]
    return submit(client, opening(town), **{"seen_report": seen} | fields)


def state(look, report):
    return look(lambda s: s.get(Report, report.id))
