"""While a resident objects, no new report is made of what they write."""

import threading

import pytest

from peoplelink.intelligence import services
from peoplelink.intelligence.services import Account
from peoplelink.subscribers import objecting
from peoplelink.subscribers.models import Subscriber
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


def test_the_second_of_two_presses_at_once_waits_and_changes_nothing(database, change, look):
    resident_id = change(lambda s: make_subscriber(s).id)
    said = []

    def press():
        with database.transaction() as session:
            said.append(objecting.object_(session, session.get_one(Subscriber, resident_id), by="resident", now=NOW))

    with database.transaction() as session:
        assert objecting.object_(session, session.get_one(Subscriber, resident_id), by="resident", now=NOW)
        second = threading.Thread(target=press)
        second.start()
        second.join(0.3)
    second.join(20)

    assert said == [False]
    assert look(lambda s: objecting.stands(s, resident_id))
