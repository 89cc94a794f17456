"""A person gets everything that is held about them, and nothing of anybody else."""

import json
import zipfile
from io import BytesIO

import pytest

from peoplelink import languages
from peoplelink.app import PARTS
from peoplelink.outbound.rights import ABOUT, STATE
from peoplelink.outbound.services import queue_message
from peoplelink.outbound.states import DeliveryStatus, Purpose
from peoplelink.persons import Wish
from peoplelink.rights import downloads, exporting
from peoplelink.subscribers import consent, people, seed, services
from peoplelink.subscribers.links import Links
from peoplelink.subscribers.models import ConsentAction, SignUpSource, TopicSubscription
from tests.factories import NOW, make_conversation, make_message, make_sign_up, make_subscriber, make_topic
from tests.rights import life
from tests.subscribers.handset import Handset


def made(session, robin, **wish):
    return exporting.export(session, robin.resident, PARTS, now=NOW, wish=Wish(**wish))


def rows(export, key):
    return [dict(row) for one in export.sections if one.key == key for row in one.rows]


def test_it_holds_who_they_are_and_what_they_chose(session, robin):
    export = made(session, robin)

    assert [row["name"] for row in rows(export, "resident")] == ["Robin Oak"]
    assert [row["name"] for row in rows(export, "choices")] == ["New Parks", "Events"]
    assert {row["address"] for row in rows(export, "addresses")} == {life.NUMBER, life.MAILBOX}
    assert [row["cells"] for row in rows(export, "imported")] == [[f"name: {life.NAME}", f"mobile: {life.NUMBER}"]]
    assert [row["sector"] for row in rows(export, "waiting")] == ["LE3 6"]
    assert [(row["zones"], row["name"]) for row in rows(export, "sign_ups")] == [(["New Parks"], "Robin Oak")]


def test_the_words_they_agreed_to_have_no_gaps(session):
    seed.plant(session, now=NOW)
    phone = Handset(session, NOW)
    for words in ("JOIN NEWPARKS", "YES", "STOP", "START", "JOIN COALVILLE"):
        phone.text(words)
    [resident] = services.subscribers_at(session, phone.address)

    agreed = rows(exporting.export(session, resident, PARTS, now=NOW, wish=Wish()), "consents")

    words = [row["words"] for row in agreed if row["words"]]
    assert "{" not in str(words)
    assert ["texts about New Parks" in words[0], "the zones you chose" in words[1]] == [True, True]


def test_a_request_for_another_address_is_told_as_one_and_nobody_is_said_to_have_told_their_age(session, robin):
    for source, is_change in ((SignUpSource.WEB, True), (SignUpSource.TEXT, False), (SignUpSource.WEB, False)):
        asked = make_sign_up(session, source=source, is_change=is_change, old_enough=source is SignUpSource.WEB)
        asked.subscriber_id = robin.resident.id
    session.flush()

    told = [(row["by"], row["old_enough"]) for row in rows(made(session, robin), "sign_ups")[-3:]]

    assert told == [
        ("On your own page, for another number or email address", None),
        ("By text", None),
        ("With the form on our website", True),
    ]


def test_it_holds_the_exact_words_they_agreed_to(session, robin):
    agreed = rows(made(session, robin), "consents")[-1]

    assert agreed["words"] == "Reply YES to get texts about New Parks."
    assert (agreed["at"], agreed["how"], agreed["address"]) == (NOW, "by text: YES", life.NUMBER)


@pytest.mark.parametrize(
    ("source", "how", "noted", "told"),
    [
        (SignUpSource.OFFICER, "reply YES", {"where": "Community centre", "witness": "Kim"},
         ["Face to face, with one of us", "Where: Community centre", "Who was there: Kim"]),
        (SignUpSource.IMPORT, "import", {"source": "Summer fair", "given_on": "2025-07-12"},
         ["From: Summer fair", "Agreed on: 2025-07-12"]),
    ],
)  # fmt: skip
def test_it_holds_the_circumstances_in_which_they_agreed(session, robin, source, how, noted, told):
    asked = make_sign_up(session, source=source, evidence=noted | {"officer": "an-id"})
    number = robin.resident.addresses[0].address
    consent.write(session, robin.resident, number, ConsentAction.GIVEN, how=how, now=NOW, wording_id=asked.wording_id,
                  evidence={"sign_up": asked.public_id})  # fmt: skip

    agreed = rows(made(session, robin), "consents")[-1]

    assert agreed["circumstances"] == told
    assert agreed["how"] == {"reply YES": "by text: YES", "import": "on a list that was kept before"}[how]


def test_it_holds_what_was_said_on_both_sides_word_by_word(session, robin):
    export = made(session, robin)

    assert [row["words"] for row in rows(export, "messages")] == [life.WORDS]
    assert [row["words"] for row in rows(export, "answers")] == ["We told the council"]
    assert [row["words"] for row in rows(export, "deliveries")] == [
        "Hello Robin Oak, a fair.", "We told the council", "Thanks",
    ]  # fmt: skip


def test_an_email_says_where_the_readers_own_links_stood(session, robin):
    queue_message(session, robin.mailbox, purpose=Purpose.BROADCAST, subject="A fair", body="On Saturday.", now=NOW)

    words = rows(made(session, robin), "deliveries")[-1]["words"]

    assert "To leave: (your own link to leave)" in words
    assert "-pl_" not in words


def test_no_link_in_it_acts_as_the_reader(session, robin):
    links, number = Links("https://link.example.org", ("k" * 32,)), robin.resident.addresses[0].address
    asked = make_sign_up(session)
    own = [links.preferences(number), links.my_data(robin.resident, number), links.confirm(asked, number)]
    for link in own:
        queue_message(session, number, purpose=Purpose.PREFERENCES, body=f"Press {link} to go on", now=NOW)

    export = made(session, robin)

    words = [row["words"] for row in rows(export, "deliveries")]
    assert sum("/(your own link) to go on" in one for one in words) == len(own)
    assert not [link for link in own if link in str(export)]


def test_it_is_told_in_the_readers_language(session, robin):
    session.add(TopicSubscription(subscriber_id=robin.resident.id, topic_id=_events(session).id, created_at=NOW))
    session.flush()

    with languages.speaking("pl"):
        export = made(session, robin)
        shown = downloads.shown(NOW)

    assert "Wydarzenia i zaj\u0119cia" in [row["name"] for row in rows(export, "choices")]
    assert [row["by"] for row in rows(export, "sign_ups")] == ["Formularzem na naszej stronie"]
    assert [row["what"] for row in rows(export, "looked_at")] == ["czyta\u0142 Twoje wiadomo\u015bci"]
    assert shown == "21 marca 2026, 14:30"


def _events(session):
    return make_topic(session, name="Events and activities")


def test_it_says_who_looked_without_naming_them(session, robin):
    looked = rows(made(session, robin), "looked_at")

    assert [(row["who"], row["what"]) for row in looked] == [("An officer", "read your messages")]


def test_reports_are_named_and_left_to_the_officer_to_decide(session, robin):
    [section] = [one for one in made(session, robin).sections if one.key == "reports"]

    assert section.rows == []
    assert section.note.startswith("Reports made of what you told us: 1.")
    assert "data protection officer decides" in section.note


def test_reports_are_given_once_it_is_decided(session, robin):
    assert [row["words"] for row in rows(made(session, robin, with_reports=True), "reports")] == ["Smoke from a shed."]


def test_nothing_of_anybody_else_is_in_it(session, robin):
    said = exporting.as_json(made(session, robin, with_reports=True, with_files=True)).decode()

    assert "The lights on the path are broken." not in said
    assert "Elsewhere" not in said
    assert "ash@example.org" not in said


def test_the_data_can_be_read_by_a_program_on_both_databases(session, robin):
    said = json.loads(exporting.as_json(made(session, robin)))

    assert said["format"] == "people-link-export/1"
    assert said["sections"]["resident"]["rows"][0]["joined"] == "2026-03-21T14:30:00+00:00"
    assert said["sections"]["consents"]["headings"]["words"] == "The words you agreed to"


def test_the_archive_holds_the_files_and_none_leaves_its_folder(session, robin):
    packed = exporting.as_zip(made(session, robin, with_files=True), "<p>page</p>")

    with zipfile.ZipFile(BytesIO(packed)) as archive:
        data, page, file = archive.namelist()
        assert (data, page) == ("what-we-hold.json", "what-we-hold.html")
        assert archive.read(file) == b"jpeg"
    assert file.startswith("files/")
    assert file.endswith("-shed.jpg")
    assert ".." not in file


def test_of_a_shared_phone_only_what_is_surely_theirs_is_shown(session, robin):
    neighbour = make_subscriber(session, sms=robin.number, name="Ash")
    make_message(session, make_conversation(session, robin.number), text="Who wrote this?")

    export = exporting.export(session, neighbour, PARTS, now=NOW)

    assert rows(export, "messages") == []
    assert [row["about"] for row in rows(export, "deliveries")] == ["A message to everybody in your zone"]
    notes = " ".join(section.note for section in export.sections)
    assert "we cannot tell who wrote them" in notes


def test_somebody_who_only_wrote_to_us_can_have_theirs_too(session):
    conversation = make_conversation(session)
    make_message(session, conversation, text="I am no member.")
    stranger = people.person_at(session, conversation.address)

    export = exporting.export_person(session, stranger, PARTS, now=NOW)

    assert [row["words"] for row in rows(export, "messages")] == ["I am no member."]


def test_every_kind_and_state_of_a_message_has_words_for_residents():
    assert set(ABOUT) == set(Purpose), "a new purpose needs words in peoplelink/outbound/rights.py"
    assert set(STATE) == set(DeliveryStatus)
