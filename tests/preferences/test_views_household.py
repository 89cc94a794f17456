"""The pages of those who share an address."""

import pytest

from peoplelink import clock
from peoplelink.outbound import services as outbound
from peoplelink.subscribers import services
from tests.pages import soup
from tests.preferences.conftest import resident_of
from tests.preferences.seen import live, statuses, waiting
from tests.subscribers import people

# The rules are the same on both databases, and tested on both in test_choosing and test_moving.
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_those_who_share_an_address_are_listed_and_changed_one_at_a_time(
    site, path_of, save, person, member, household, runtime
):
    page = soup(site.get(path_of(people.MOBILE)))
    save("zones", people.MOBILE, household, zones=["coalville"])

    assert page.h1.text == "Who are you?"
    assert {link.text for link in page.main.find_all("a")} == {"Ash", "Bo"}
    assert person(lambda s, it: [zone.slug for zone in services.zones_of(s, it)]) == ["new-parks"]


def test_nothing_of_the_others_other_address_is_shown_or_changed(site, path_of, save, runtime, member, household):
    for rest in ("", "/media", "/held", "/leave", "/amount"):
        text = soup(site.get(f"{path_of(people.MOBILE)}/{household}{rest}")).text
        assert "example.org" not in text.replace("people.link@example.org", "")
    save("leave", people.MOBILE, household)

    with runtime.database.read() as session:
        assert live(resident_of(session, household)) == {"bo@example.org"}
        assert live(resident_of(session, member)) == {people.MOBILE, people.EMAIL}
        where = people.address(session, clock.now(), people.MOBILE)
        assert outbound.suppressions_of(session, where) == frozenset()


@pytest.mark.parametrize(("part", "value"), [("number", "07700900777"), ("mailbox", "thief@example.org")])
def test_a_shared_address_cannot_move_anybody(save, runtime, member, household, part, value):
    answer = save(part, people.MOBILE, household, value=value)

    assert answer.status_code == 422
    assert "More than one person uses this address" in soup(answer).main.text


def test_what_waits_for_a_shared_number_stays_while_anybody_wants_it(save, runtime, member, household):
    ids = waiting(runtime, member)

    save("times", people.MOBILE, household, quiet="usual", quiet_from="0", quiet_until="0", pause="week")
    first = statuses(runtime, ids)
    save("times", people.MOBILE, member, quiet="usual", quiet_from="0", quiet_until="0", pause="week")

    assert (first, statuses(runtime, ids)) == (["queued"], ["cancelled"])
