"""In which language we write to whom, and which wording is on record."""

import datetime as dt
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from peoplelink import languages
from peoplelink.catalogues import reading
from peoplelink.catalogues import services as catalogues
from peoplelink.channels.messages import Medium
from peoplelink.languages import LANGUAGES, gettext
from peoplelink.outbound.models import Content, Delivery
from peoplelink.subscribers import answers, consent, seed, signup, spoken
from peoplelink.subscribers.models import ConsentRecord, ConsentWording, SignUp
from tests.factories import make_officer
from tests.pages import soup
from tests.subscribers import people
from tests.subscribers.handset import Handset
from tests.subscribers.join_form import mark, post

PACKAGE = Path(__file__).parents[2] / "peoplelink"
only_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def check(session, code, now):
    """Let a reader have checked a language."""
    digest = reading.of(code).digest
    officer = make_officer(session)
    catalogues.approve(session, code, digest=digest, reader="A", read_on=now.date(), by=officer, now=now)


def said_in(code, message, **values):
    with languages.speaking(code):
        return gettext(str(message), **values)


def languages_of_texts(session):
    return list(session.scalars(select(Content.language).join(Delivery).order_by(Delivery.id)))


@pytest.fixture
def polish(planted, now):
    """The handset of a resident who joined in Polish."""
    with languages.speaking("pl"):
        people.resident(planted, now)
    return Handset(planted, now)


def test_a_resident_keeps_the_language_they_joined_in(planted, now, polish):
    assert spoken.language_at(planted, polish.address) == "pl"


def test_a_text_is_answered_in_english_until_the_language_has_been_checked(planted, now, polish):
    polish.text("STOP")

    assert polish.got == [str(answers.LEFT)]
    assert languages_of_texts(planted)[-1] == "en"


def test_a_text_is_answered_in_the_residents_language_once_it_has_been_checked(planted, now, polish):
    check(planted, "pl", now)

    polish.text("STOP")

    assert polish.got == [said_in("pl", answers.LEFT)]
    assert polish.got != [str(answers.LEFT)]
    assert languages_of_texts(planted)[-1] == "pl"


def test_somebody_who_left_is_welcomed_back_in_their_language(planted, now, polish):
    check(planted, "pl", now)
    polish.text("STOP")

    polish.text("START")

    assert polish.got == [said_in("pl", "People Link: welcome back. We'll text you about %(zones)s. "
                                  "To leave reply STOP.", zones="New Parks")]  # fmt: skip


def test_a_stranger_is_answered_in_english(planted, now):
    check(planted, "pl", now)
    handset = Handset(planted, now)

    handset.text("HELP")

    assert handset.got == [str(answers.HELP)]


def test_the_question_to_confirm_is_put_in_the_language_of_the_form(planted, now):
    check(planted, "ur", now)
    with languages.speaking("ur"):
        people.sign_up(planted, now, email=people.EMAIL)

    content = planted.scalars(select(Content).order_by(Content.id.desc()).limit(1)).one()
    assert (content.medium, content.language) == (Medium.EMAIL, "ur")
    assert content.subject == said_in("ur", answers.CONFIRM_SUBJECT)
    assert '<html lang="ur" dir="rtl">' in content.html
    assert "?lang=ur" in content.text
    assert said_in("ur", "To leave: %(link)s", link="-pl_leave-") in content.text


def test_the_link_of_a_draft_language_leads_to_the_draft_although_the_mail_is_in_english(planted, now):
    with languages.speaking("ur"):
        people.sign_up(planted, now, email=people.EMAIL)

    content = planted.scalars(select(Content).order_by(Content.id.desc()).limit(1)).one()
    assert content.language == "en"
    assert '<html lang="en-GB" dir="ltr">' in content.html
    assert "?lang=ur" in content.text


def test_who_joins_by_text_agrees_to_the_words_they_were_sent(planted, now, polish):
    check(planted, "pl", now)
    polish.text("JOIN COALVILLE")

    record = planted.scalars(select(ConsentRecord).order_by(ConsentRecord.id.desc()).limit(1)).one()
    assert planted.get_one(ConsentWording, record.wording_id).language == "pl"


@pytest.mark.parametrize("words", ["JOIN NEW PARKS POLSKI", "join newparks polish", "Join New Parks po polsku!"])
def test_a_join_may_say_the_language(planted, now, words):
    check(planted, "pl", now)
    handset = Handset(planted, now, "+447700900555")

    assert handset.text(words) == "join"

    assert spoken.language_at(planted, handset.address) == "pl"
    assert handset.got[0].startswith("People Link: dziekujemy. Odpisz YES")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Dołącz New Parks", "pl"),
        ("dolacz newparks", "pl"),
        ("Chcę dołączyć do New Parks, proszę", "pl"),
        ("zapisz mnie do new parks", "pl"),
        ("New Parks shamil", "ur"),
        ("mujhe New Parks mein shamil karein", "ur"),
        ("شامل New Parks", "ur"),
        ("New Parks میں شامل کریں", "ur"),
    ],
)
def test_a_join_may_be_in_another_language_and_then_says_it(planted, now, words, code):
    check(planted, code, now)
    handset = Handset(planted, now, "+447700900555")

    assert handset.text(words) == "join"

    sign_up = planted.scalars(select(SignUp).order_by(SignUp.id.desc()).limit(1)).one()
    assert (sign_up.language, spoken.language_at(planted, handset.address)) == (code, code)
    assert [zone.name for zone in signup.chosen_zones(planted, sign_up)] == ["New Parks"]


@pytest.mark.parametrize("words", ["dołącz", "Chcę dołączyć", "شامل کریں", "shamil karein"])
def test_a_join_without_a_zone_in_another_language_is_told_what_to_send(planted, now, words):
    english, handset = Handset(planted, now, "+447700900554"), Handset(planted, now, "+447700900555")
    english.text("JOIN")

    assert handset.text(words) == "join"

    assert handset.got == english.got != []


@pytest.mark.parametrize(
    "words",
    [
        "zapisz sobie mój numer",
        "dołącz do nas w sobotę",
        "is Shamil coming on Sunday",
        "Shamil",
        "شامل",
        "nie chcę dołączyć do New Parks",
        "New Parks mein shamil nahi hona",
    ],
)
def test_a_word_of_joining_beside_what_is_no_zone_is_read_by_a_person(planted, now, words):
    handset = Handset(planted, now, "+447700900555")

    assert handset.text(words) is None
    assert handset.got == []


def test_the_language_of_a_join_is_kept_although_it_is_a_draft(planted, now):
    handset = Handset(planted, now, "+447700900555")

    handset.text("JOIN NEW PARKS URDU")

    assert spoken.language_at(planted, handset.address) == "ur"
    assert handset.got[0].startswith("People Link: thanks. Reply YES")


MAY_QUEUE = {
    "subscribers/answering.py": "says what texts.handle has put into words",
    "subscribers/choosing.py": "tells what moving has put into words",
    "inbound/answering.py": "an officer's own words",
    "broadcasts/services.py": "tests of a broadcast, for the officer",
    "broadcasts/proof/mailing.py": "for officers",
    "outbound/services.py": "defines it",
}


def test_whoever_queues_a_message_speaks_no_draft():
    """Within a request the language spoken is that of the page, which may be a draft."""
    queueing = {path for path in PACKAGE.rglob("*.py") if "queue_message(" in path.read_text()}
    careless = {
        str(path.relative_to(PACKAGE))
        for path in queueing
        if not re.search(r"spoken\.to\(|catalogues\.speaking\(", path.read_text())
    }

    assert careless == set(MAY_QUEUE)


# Wordings


@pytest.mark.parametrize("code", [seed.WEB_FORM, seed.TEXT])
def test_each_wording_is_there_in_every_language(planted, code):
    english = consent.wording(planted, code).words
    for language in LANGUAGES:
        with languages.speaking(language):
            found = consent.wording(planted, code)
        assert found.language == language
        assert found.words == said_in(language, english)


def test_a_language_without_a_wording_shows_the_english_one(planted):
    planted.execute(ConsentWording.__table__.delete().where(ConsentWording.language == "ur"))

    with languages.speaking("ur"):
        assert consent.wording(planted, seed.WEB_FORM).language == "en"


def test_other_words_of_a_translator_are_a_new_version(planted, now):
    old = consent.newest(planted, seed.TEXT, language="pl")
    planted.execute(ConsentWording.__table__.update().where(ConsentWording.id == old.id).values(words="Older words"))
    planted.expire_all()

    seed.plant(planted, now=now + dt.timedelta(days=1))

    new = consent.newest(planted, seed.TEXT, language="pl")
    assert (old.version, old.words) == (1, "Older words")
    assert (new.version, new.words) == (2, said_in("pl", consent.wording(planted, seed.TEXT).words))


# The page


@only_sqlite
def test_the_wording_that_was_shown_is_the_one_on_record(site, runtime):
    site.get("/join?lang=ur")
    with runtime.database.read() as session, languages.speaking("ur"):
        wording = consent.wording(session, seed.WEB_FORM)

    assert soup(site.get("/join")).find("p", string=wording.words)["dir"] == "rtl"
    assert post(site, runtime, opened=mark(runtime, wording_id=wording.id)).status_code == 303

    with runtime.database.read() as session:
        made = session.scalars(select(SignUp)).one()
    assert (made.language, made.wording_id) == ("ur", wording.id)


@only_sqlite
def test_a_form_with_errors_keeps_the_wording_it_came_with(site, runtime):
    opened = soup(site.get("/join?lang=en")).select_one("[name=opened]")["value"]

    answer = site.post(
        "/join?lang=ur",
        data={"opened": opened, "csrf_token": soup(site.get("/join?lang=en")).select_one("[name=csrf_token]")["value"]},
    )

    page = soup(answer)
    assert answer.status_code == 422
    assert page.html["lang"] == "ur"
    with runtime.database.read() as session:
        english = consent.wording(session, seed.WEB_FORM).words
    assert page.find("p", string=english)["lang"] == "en-GB"
    assert page.select_one("[name=opened]")["value"] == opened
