"""A draft from another broadcast, and a draft thrown away."""

import datetime as dt

from sqlalchemy import func, select

from peoplelink import clock
from peoplelink.audit import AuditEvent
from peoplelink.broadcasts.models import Broadcast, BroadcastContent, BroadcastStatus, ProofKind, ProofLink
from peoplelink.broadcasts.services import COPY_MARK
from peoplelink.officers.models import Role
from tests.broadcasts.pages import PAGE, released, saved, text_of
from tests.factories import make_topic, make_zone
from tests.pages import csrf_token, soup, submit


def at(broadcast):
    return f"{PAGE}/{broadcast.public_id}"


def newest(database):
    with database.read() as session:
        found = session.scalar(select(Broadcast).order_by(Broadcast.id.desc()).limit(1))
        words = {content.medium: (content.subject, content.body) for content in found.contents}
        return found, words, [zone.name for zone in found.zones], [topic.name for topic in found.topics]


def actions(database, broadcast):
    with database.read() as session:
        return list(
            session.scalars(
                select(AuditEvent.action).where(AuditEvent.subject_id == broadcast.public_id).order_by(AuditEvent.id)
            )
        )


def count(database, model, **columns):
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(model).filter_by(**columns))


def test_a_sent_broadcast_is_copied_to_a_draft_without_its_times(client, database, runtime, zone, sign_in):
    sign_in()
    with database.transaction() as session:
        topic = make_topic(session, name="Youth")
    sent = released(
        database, runtime, zones=[zone], title="May fair", sms="A fair.", email="*Hi*",
        expires_at=clock.now() + dt.timedelta(days=2),
    )  # fmt: skip
    with database.transaction() as session:
        session.get_one(Broadcast, sent.id).topics = [session.merge(topic)]

    answer = client.post(f"{at(sent)}/copy", data={"csrf_token": csrf_token(client, f"{at(sent)}/preview")})
    made, words, zones, topics = newest(database)

    assert answer.location == f"{PAGE}/{made.public_id}/edit"
    assert "This is a copy, saved as a draft" in text_of(client.get(answer.location))
    assert (made.title, made.status, made.expires_at) == ("Copy of May fair", BroadcastStatus.DRAFT, None)
    assert (sorted(words.values()), zones, topics) == (
        [("", "A fair."), ("A fair on Saturday", "*Hi*")],
        ["New Parks"],
        ["Youth"],
    )
    assert actions(database, made) == ["broadcast.drafted", "broadcast.copied"]


def test_a_copy_of_a_copy_has_a_title_that_fits(client, database, zone, sign_in):
    sign_in()
    draft = saved(database, zones=[zone], title=COPY_MARK + "t" * 192, sms="A fair.")

    client.post(f"{at(draft)}/copy", data={"csrf_token": csrf_token(client, f"{at(draft)}/preview")})

    assert newest(database)[0].title == COPY_MARK + "t" * 192


def test_a_copy_is_only_for_zones_that_its_writer_has(client, database, zone, sign_in):
    with database.transaction() as session:
        other = make_zone(session, name="Coalville")
    both = saved(database, zones=[zone, other], sms="A fair.")
    sign_in(Role.COMPOSER, zones=[zone])

    hidden = client.post(f"{at(both)}/copy", data={"csrf_token": csrf_token(client, f"{PAGE}/new")})

    assert hidden.status_code == 404
    assert newest(database)[0].id == both.id


def test_who_may_only_read_is_offered_neither(client, database, zone, sign_in):
    sign_in(Role.VIEWER)
    draft = saved(database, zones=[zone], sms="A fair.")

    shown = text_of(client.get(f"{at(draft)}/preview"))
    token = csrf_token(client, "/officer/password")

    assert "Copy to a new draft" not in shown
    assert "Delete the draft" not in shown
    assert client.post(f"{at(draft)}/copy", data={"csrf_token": token}).status_code == 403
    assert client.post(f"{at(draft)}/discard", data={"csrf_token": token, "edition": 1}).status_code == 403


def test_a_draft_is_deleted_after_a_question(client, database, zone, sign_in):
    sign_in()
    draft = saved(database, zones=[zone], title="May fair", sms="A fair.")

    asked = client.get(f"{at(draft)}/discard")
    answer = submit(client, f"{at(draft)}/discard", edition=1)

    assert soup(asked).h1.text == "Delete this draft?"
    assert "The draft is deleted. Nothing was sent." in text_of(client.get(answer.location))
    assert count(database, Broadcast, id=draft.id) == 0
    assert count(database, BroadcastContent, broadcast_id=draft.id) == 0
    assert actions(database, draft)[-1] == "broadcast.discarded"


def test_a_draft_that_somebody_changed_meanwhile_is_kept(client, database, zone, sign_in):
    sign_in()
    draft = saved(database, zones=[zone], sms="A fair.")

    answer = submit(client, f"{at(draft)}/discard", edition=7)

    assert "The draft is still here. Somebody has changed this broadcast" in text_of(client.get(answer.location))
    assert count(database, Broadcast, id=draft.id) == 1


def test_what_was_sent_cannot_be_deleted(client, database, runtime, zone, sign_in):
    sign_in()
    sent = released(database, runtime, zones=[zone], sms="A fair.")

    asked = client.get(f"{at(sent)}/discard")
    client.post(
        f"{at(sent)}/discard", data={"csrf_token": csrf_token(client, f"{at(sent)}/preview"), "edition": sent.edition}
    )

    assert asked.location == f"{at(sent)}"
    assert count(database, Broadcast, id=sent.id) == 1


def test_a_draft_that_was_scheduled_once_keeps_its_record(client, database, zone, sign_in):
    sign_in()
    draft = saved(database, zones=[zone], sms="A fair.", scheduled_for=clock.now() + dt.timedelta(days=1))
    submit(client, f"{at(draft)}/send", edition=1)
    client.post(f"{at(draft)}/take-back", data={"csrf_token": csrf_token(client, f"{at(draft)}/preview")})

    submit(client, f"{at(draft)}/discard", edition=1)

    assert count(database, ProofLink, broadcast_id=draft.id, kind=ProofKind.CANCELLED) == 1
    assert newest(database)[0].status is BroadcastStatus.CANCELLED
    assert "It was never sent: its draft was deleted" in text_of(client.get(at(draft)))
