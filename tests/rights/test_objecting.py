"""While a resident objects, no new report is made of what they write."""

import pytest

from peoplelink.intelligence import services
from peoplelink.intelligence.services import Account
from peoplelink.subscribers import objecting
from tests.factories import NOW, make_conversation, make_officer, make_subscriber


def test_no_report_is_made_of_what_somebody_wrote_who_objects(session):
    resident, officer = make_subscriber(session), make_officer(session)
    conversation = make_conversation(session, resident.addresses[0].address, subscriber=resident)
    objecting.object_(session, resident, by="resident", now=NOW)

    with pytest.raises(services.ObjectedError, match="until the data protection officer has decided"):
        services.open_report(session, conversation, Account("Smoke."), by=officer, now=NOW)
    objecting.end(session, resident, by=officer.actor, now=NOW)

    assert services.open_report(session, conversation, Account("Smoke."), by=officer, now=NOW).text == "Smoke."


def test_objecting_and_ending_it_are_each_harmless_twice(session):
    resident = make_subscriber(session)

    assert objecting.object_(session, resident, by="resident", now=NOW)
    assert not objecting.object_(session, resident, by="resident", now=NOW)
    assert objecting.end(session, resident, by="resident", now=NOW)
    assert not objecting.end(session, resident, by="resident", now=NOW)
