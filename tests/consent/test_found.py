"""What the machine, or making it, has found in the product: each by itself, mended."""

import pytest

from tests.consent.stage import ZONES

N1, N2 = "+447700900301", "+447700900302"
M1, M2 = "ash@example.com", "bo@example.com"


@pytest.mark.parametrize(("old", "new"), [(N1, N2), (M1, M2)])
def test_what_waits_for_the_morning_does_not_go_to_an_address_that_was_given_up_meanwhile(acts, old, new):
    acts.imports([("Ash", ZONES, N1, M1)])
    acts.evening()
    acts.broadcast(ZONES)
    acts.move(old, acts.town.living(old)[0], new)
    acts.confirms(new)
    acts.morning()
    assert acts.seen["taken back in the night"] >= 1


def test_a_digest_that_waits_for_the_morning_does_not_go_to_a_mailbox_that_was_given_up_meanwhile(acts):
    acts.imports([("Ash", ZONES, N1, M1)])
    [ash] = acts.town.living(M1)
    acts.choose_digest(M1, ash, wanted=True)
    acts.next_act()
    acts.broadcast(ZONES)
    acts.evening()
    acts.choose_digest(N1, ash, wanted=False)
    acts.move(M1, ash, M2)
    acts.confirms(M2)
    acts.morning()
    assert acts.seen["digest"] == 0


def test_a_digest_that_waits_for_the_morning_does_not_go_to_who_left_their_last_zone_meanwhile(acts):
    acts.imports([("Ash", ["new-parks"], N1, M1)])
    [ash] = acts.town.living(M1)
    acts.choose_digest(M1, ash, wanted=True)
    acts.next_act()
    acts.broadcast(ZONES)
    acts.evening()
    acts.choose_digest(N1, ash, wanted=False)
    acts.stop_zone(N1, "new-parks")
    acts.morning()
    assert acts.seen["digest"] == 0


def test_a_broadcast_sent_off_in_the_moment_in_which_somebody_chooses_digests_is_told_in_one(acts):
    acts.imports([("Ash", ZONES, N1, M1)])
    [ash] = acts.town.living(M1)
    acts.evening()
    acts.choose_digest(M1, ash, wanted=True)
    acts.broadcast(ZONES)
    acts.morning()
    assert acts.seen["digest"] == 1


def test_what_waits_for_the_morning_goes_to_who_chooses_digests_meanwhile(acts):
    acts.imports([("Ash", ZONES, N1, M1)])
    acts.evening()
    acts.broadcast(ZONES)
    acts.choose_digest(M1, acts.town.living(M1)[0], wanted=True)
    acts.morning()
    assert (acts.seen["reached"], acts.seen["digest"]) == (2, 0)


def test_what_waits_at_a_shared_number_for_somebody_who_is_erased_meanwhile_is_taken_back(acts):
    for name, zone in (("Ash", "new-parks"), ("Bo", "coalville")):
        acts.form(name, [zone], mobile=N1)
        acts.yes(N1)
    acts.evening()
    acts.broadcast(["new-parks"])
    acts.erase(N1, acts.town.living(N1)[0])
    acts.morning()
    assert acts.seen["taken back in the night"] >= 1


def test_who_comes_back_to_a_number_of_which_the_other_was_erased_is_asked(acts):
    for name in ("Ash", "Bo"):
        acts.form(name, ZONES, mobile=N1)
        acts.yes(N1)
    acts.text_stop(N1, "STOP")
    acts.erase(N1, acts.town.ever_at(N1)[0])
    acts.start(N1)
    acts.text_join(N1, "new-parks")
    acts.yes(N1)
    acts.next_act()
    acts.broadcast(ZONES)
    assert acts.town.recipients(ZONES) == {N1}
