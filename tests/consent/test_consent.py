"""Nobody without live consent is written to, and nobody with it is missed, whatever is done in whatever order."""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from peoplelink.config import KeywordMode
from tests.consent.machine import ConsentMachine
from tests.consent.stage import ZONES

PLAYS = int(os.environ.get("CONSENT_PLAYS", "12"))
"""On each database. CONSENT_PLAYS=2000 makes it a long run, other each time; CONSENT_STEPS how long each play is."""
STEPS = int(os.environ.get("CONSENT_STEPS", "25"))
N1, N2, N3 = (f"+44770090030{index}" for index in range(3))
M1, M2, M3, M4 = (f"{name}@example.com" for name in ("ash", "bo", "di", "ed"))
LONG = "CONSENT_PLAYS" in os.environ


@pytest.mark.timeout(0 if LONG else 300)
def test_no_sequence_of_acts_reaches_anybody_without_live_consent(rig):
    machine = type("Plays", (ConsentMachine,), {"rig": rig, "seen": Counter()})
    run_state_machine_as_test(machine, settings=_settings(PLAYS))
    assert machine.seen.keys() >= {"agreed", "withdrew", "reached", "held broadcast"}, machine.seen
    print(f"\n{PLAYS} plays: {dict(sorted(machine.seen.items()))}")  # noqa: T201 - shown by pytest -s


def _settings(plays):
    return settings(
        max_examples=plays, stateful_step_count=STEPS, deadline=None, derandomize=not LONG, database=None,
        suppress_health_check=list(HealthCheck), print_blob=False,
        phases=(Phase.generate, Phase.shrink) if "CONSENT_SHRINK" in os.environ else (Phase.generate,),
    )  # fmt: skip


# By hand

IN_EVERY_MODE = pytest.mark.parametrize("acts", list(KeywordMode), indirect=True, ids=str)


@IN_EVERY_MODE
def test_a_play_by_hand_comes_through_every_way_to_join(acts):
    """What the machine plays at random does happen: each kind of act, with the effect that it is there for."""
    acts.form("Ash", ZONES, mobile=N1, email=M1)
    acts.yes(N1)
    acts.confirms(M1)
    acts.text_join(N2, "coalville")
    acts.yes(N2, "yes please")
    acts.mail_join(M2, "new-parks")
    acts.confirms(M2)
    acts.face_to_face("Bo", ["new-parks"], mobile=N2)  # whoever texted JOIN there gave no name, and is Bo
    acts.yes(N2)
    acts.form("Cy", ["coalville"], mobile=N2)
    acts.yes(N2)
    assert acts.seen["agreed"] == 6
    acts.text_join_nearly(N2, "new-parks")
    assert acts.seen["took what was offered"] == 1
    acts.imports([("Ash", ZONES, None, M1), ("Di", ZONES, None, M3), ("Di", ZONES, N3, None)])
    assert (acts.seen["imported"], acts.seen["refused an import"]) == (2, 1)
    acts.imports_and_asks("Ed", ZONES, email=M4)
    acts.ask_again(M4)
    acts.days(3)
    reminder = acts.questions(M4)[-1]
    assert "You asked for emails" in reminder.words
    acts.press(M4, reminder)
    acts.next_act()
    acts.broadcast(ZONES)
    assert acts.town.recipients(ZONES) == {N1, N2, N3, M1, M2, M3, M4}


@IN_EVERY_MODE
def test_a_play_by_hand_comes_through_every_way_to_leave_and_to_come_back(acts):
    acts.imports([("Ash", ZONES, N1, M1), ("Di", ZONES, N3, M3), ("Ed", ZONES, None, M4)])
    acts.next_act()
    acts.broadcast(ZONES)
    acts.text_stop(N1, "Please stop texting me")
    acts.form("Ash", ZONES, mobile=N1)
    assert acts.seen["withdrew"] == 1
    acts.form("Flo", ZONES, mobile=N2)
    acts.no(N2)
    acts.yes(N2)
    assert acts.seen["said no"] == 1
    acts.start(N1)
    acts.blocked_at_the_provider(acts.site.wire.by_address[N1][-1])
    acts.start(N1, "UNSTOP")
    assert acts.seen["came back"] == 2
    acts.stop_zone(N3, "coalville")
    acts.stop_zone(N3, "new-parks")
    assert acts.seen["left the last zone"] == 1
    acts.form("Di", ZONES, mobile=N3)
    acts.start(N3)
    acts.yes(N3)
    acts.chat(N3)
    acts.officer_stops(N3, "said")
    assert acts.seen["stopped by an officer"] == 1
    acts.form("Ash", ZONES, email=M1)
    acts.mail_stop(M1, "unsubscribe")
    acts.confirms(M1)
    assert acts.seen["pressed in vain"] == 1
    acts.stop_zone(M4, "new-parks")
    assert acts.seen["stopped a zone"] == 2
    acts.one_click(acts.site.wire.by_address[M4][-1])
    acts.report_spam(acts.site.wire.by_address[M3][0])
    acts.erase(N1, acts.town.living(N1)[0])
    assert acts.seen["erased"] == 1
    acts.text_join(N1, "new-parks")
    acts.yes(N1)
    acts.next_act()
    acts.broadcast(ZONES)
    assert acts.town.recipients(ZONES) == {N1}


def test_a_play_by_hand_comes_through_the_pages_of_residents_and_a_night(acts):
    for name in ("Bo", "Cy"):
        acts.form(name, ["coalville"], mobile=N2)
        acts.yes(N2)
    bo, cy = acts.town.living(N2)
    acts.choose_zones(N2, bo, ZONES)
    acts.evening()
    acts.broadcast(["coalville"])
    acts.leave_by_page(N2, cy)
    acts.stop_zone(N2, "coalville")
    acts.morning()
    assert acts.seen["held broadcast"] >= 1
    assert acts.seen["taken back in the night"] >= 1
    acts.move(N2, bo, N3)
    assert acts.seen["asked to move"] == 1
    acts.move(N2, bo, M2)
    acts.confirms(M2)
    acts.choose_digest(M2, bo, wanted=True)
    acts.evening()
    acts.broadcast(ZONES)
    acts.morning()
    assert acts.seen["digest"] == 1
    acts.looks(acts.questions(M2)[-1])
    acts.yes(N3)
    acts.choose_digest(N3, bo, wanted=False)
    acts.next_act()
    acts.broadcast(ZONES)
    assert acts.town.recipients(ZONES) == {N3, M2}
