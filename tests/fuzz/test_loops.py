"""Machines that answer whatever they get: two of them, ours and another, must not keep each other busy."""

from collections import Counter

import pytest

from peoplelink.config import KeywordMode
from tests.fuzz.play import ENOUGH
from tests.inbound.posts import mail_body

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

NUMBERS = [f"+4477009007{number:02}" for number in range(8)]
MAILBOXES = [f"machine{number}@example.com" for number in range(6)]
FIRST = ("JOIN NEWPARKS", "STOP", "HELP", "Hello there", "TOPICS", "SETTINGS", "MYDATA", "LE3 6LF", "STOP NEWPARK")
PARROT, AWAY, CLERK, IMP = "says the same", "is away", "goes on by itself", "quotes in a reply"
HABITS = (PARROT, AWAY, CLERK, IMP)
_TURNS = ("JOIN NEWPARKS", "YES", "STOP", "START", "HELP", "What do you mean?")
DAYS, MINUTES = 1, 15


class Machine:
    """Answers each message it gets, by its habit; a clerk goes on whether it gets one or not."""

    def __init__(self, address, habit, first):
        self.address, self.habit, self.first = address, habit, first
        self.got = 0

    def answer(self, letter):
        self.got += 1
        if self.habit == PARROT:
            return letter.words
        if self.habit == CLERK:
            return _TURNS[self.got % len(_TURNS)]
        if self.habit == IMP:
            return "Re:\r\n" + "\r\n".join(f"> {line}" for line in letter.words.splitlines())
        return f"I am away until Monday ({self.got})."


def talk(site, machines, send):
    """Let them answer for some days, every few minutes; messages to each by the day."""
    by_day = []
    for machine in machines.values():
        send(site, machine, machine.first)
    for _ in range(DAYS):
        heard = dict.fromkeys(machines, 0)
        for _ in range(24 * 60 // MINUTES):
            site.work()
            letters = site.wire.take()
            heard.update(Counter(heard) + Counter(letter.to for letter in letters))
            for machine, words in answers(machines, letters):
                send(site, machine, words)
            site.clock.on(minutes=MINUTES)
        by_day.append(heard)
    print(f"\nmessages to one machine in a day: at most {max(max(day.values()) for day in by_day)}")  # noqa: T201
    return by_day


def answers(machines, letters):
    """What the machines say to these letters, and of themselves."""
    for letter in letters:
        yield machines[letter.to], machines[letter.to].answer(letter)
    for machine in machines.values():
        if machine.habit == CLERK:
            yield machine, machine.answer(None)


def by_text(site, machine, words):
    assert site.provider.text(words[:1600], sender=machine.address).status_code == 200


def by_mail(site, machine, words, **fields):
    assert site.provider.mail(words.encode(), sender=machine.address, **fields).status_code == 200


def machines_of(addresses):
    return {
        address: Machine(address, HABITS[index % len(HABITS)], FIRST[index % len(FIRST)])
        for index, address in enumerate(addresses)
    }


@pytest.mark.parametrize("site", list(KeywordMode), indirect=True, ids=str)
def test_no_machine_keeps_us_texting(site):
    days = talk(site, machines_of(NUMBERS), by_text)

    assert all(count <= ENOUGH for day in days for count in day.values()), days
    assert max(days[0].values()) > 5  # they were answered at first


@pytest.mark.parametrize("site", [KeywordMode.OFF], indirect=True, ids=str)
def test_no_machine_keeps_us_writing_mails(site):
    days = talk(site, machines_of(MAILBOXES), by_mail)

    assert all(count <= ENOUGH for day in days for count in day.values()), days
    assert max(days[0].values()) > 1


@pytest.mark.parametrize("site", [KeywordMode.OFF], indirect=True, ids=str)
@pytest.mark.parametrize(
    "headers",
    [
        (("Auto-Submitted", "auto-replied"),),
        (("Precedence", "auto_reply"),),
        (("X-Auto-Response-Suppress", "All"),),
        (("List-Id", "<list.example.com>"),),
    ],
)
def test_a_mail_that_says_it_is_automatic_is_not_answered(site, headers):
    machine = Machine(MAILBOXES[0], AWAY, "")
    for words in ("JOIN NEWPARKS", "Hello", "HELP"):
        by_mail(site, machine, words, headers=headers)
    site.work()

    assert site.wire.take() == []


@pytest.mark.parametrize("site", [KeywordMode.OFF], indirect=True, ids=str)
def test_nothing_is_written_to_ourselves(site):
    config = site.parts.config
    ours = [config.sendgrid_from, f"hello@{config.inbound_domain}"]
    for sender in ours:
        for words in (b"JOIN NEWPARKS", b"Hello", b"HELP"):
            site.provider.post("sendgrid_inbound", mail_body(words, sender=sender))
    for words in ("JOIN NEWPARKS", "Hello", "HELP", "STOP"):
        site.provider.text(words, sender=config.twilio_from)
    site.work()

    assert site.wire.take() == []
