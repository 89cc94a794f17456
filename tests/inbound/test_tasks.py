"""The job that reads webhooks: order, failures that block nobody, several workers, and letting go of old requests."""

import dataclasses
import threading
import time

import pytest
from sqlalchemy import func, select

from peoplelink.inbound import claims, failures, tasks
from peoplelink.inbound.models import Attachment, Conversation, ReceivedMessage, Webhook
from peoplelink.outbound.models import Suppression
from tests.inbound.posts import mail_body


def stop_at(parts, words):
    """A Twilio channel that breaks on one text: a fault of ours that no test of routing would show."""

    class Broken:
        def __getattr__(self, name):
            return getattr(parts.twilio, name)

        def parse_inbound(self, request):
            if words.encode() in request.body:
                raise RuntimeError("a fault of ours")
            return parts.twilio.parse_inbound(request)

    return Broken()


def texts(look):
    return look(lambda s: list(s.scalars(select(ReceivedMessage.text).order_by(ReceivedMessage.id))))


def test_messages_are_read_in_the_order_they_came(provider, look):
    for index in range(5):
        provider.text(f"Message {index}")

    provider.process()

    assert texts(look) == [f"Message {index}" for index in range(5)]


def test_start_after_stop_ends_with_the_resident_back_and_stop_after_start_without(provider, look):
    for words, sender in (
        ("STOP", "+447700900111"),
        ("START", "+447700900111"),
        ("START", "+447700900222"),
        ("STOP", "+447700900222"),
    ):
        provider.text(words, sender=sender)

    provider.process()

    live = look(
        lambda s: s.scalar(select(func.count()).select_from(Suppression).where(Suppression.lifted_at.is_(None)))
    )
    assert live == 1


def test_one_that_cannot_be_read_is_tried_three_times_and_holds_up_nobody(provider, runtime, look):
    for words in ("First", "Breaks", "Last"):
        provider.text(words)
    broken = dataclasses.replace(runtime, twilio=stop_at(runtime, "Breaks"))

    for _ in range(failures.TRIES):
        tasks.process_webhooks(broken)

    failed = look(lambda s: s.scalars(select(Webhook).where(Webhook.problem.is_not(None))).one())
    assert texts(look) == ["First", "Last"]
    assert (failed.problem, failed.tries) == (failures.GAVE_UP, 3)
    assert failed.processed_at is not None


def test_news_that_cannot_be_recorded_does_not_hold_up_the_rest(provider, runtime, look, change):
    class Broken:
        provider = "twilio"

        def parse_status(self, request):
            if b"SMbad" in request.body:
                raise RuntimeError("a fault of ours")
            return runtime.twilio.parse_status(request)

    for sid in ("SM1", "SMbad", "SM2"):
        provider.status("nobody", "delivered", MessageSid=sid)

    tasks.process_webhooks(dataclasses.replace(runtime, twilio=Broken()))

    left = look(lambda s: s.scalars(select(Webhook).where(Webhook.processed_at.is_(None))).one())
    assert left.tries == 1


def test_four_workers_at_once_place_each_message_once(provider, runtime, look):
    for index in range(40):
        provider.text(f"Message {index}", sender=f"+4477009001{index % 4:02}")
        provider.status("nobody", "delivered", MessageSid=f"SM{index}")

    while look(claims.any_waiting):  # a slice may end before all is read; it has rung again then
        threads = [threading.Thread(target=tasks.process_webhooks, args=(runtime,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)

    assert sorted(texts(look)) == sorted(f"Message {index}" for index in range(40))
    assert look(lambda s: s.scalar(select(func.count()).select_from(Conversation))) == 4


def test_the_sweep_rings_for_what_was_left_behind_and_only_then(provider, runtime, jobs):
    tasks.sweep(runtime)
    assert jobs.rung == []

    provider.text("Hello")
    jobs.rung.clear()
    tasks.sweep(runtime)

    assert jobs.rung == ["webhooks"]


def test_a_slice_that_ends_with_work_left_rings_again(provider, runtime, jobs, monkeypatch):
    provider.text("Hello")
    jobs.rung.clear()
    monkeypatch.setattr(tasks, "SLICE", -1)

    tasks.process_webhooks(runtime)

    assert jobs.rung == ["webhooks"]


# Mails as they really come


@pytest.mark.parametrize(
    ("words", "charset", "expected"),
    [
        ("Café at 5£".encode("cp850"), "cp850", "Café at 5£"),
        ("Zażółć".encode("iso-8859-2"), "iso-8859-2", "Zażółć"),
        ("Café".encode("latin-1"), "iso-8859-1", "Café"),
        ("‘Quoted’".encode("cp1252"), "windows-1252", "‘Quoted’"),  # noqa: RUF001
        ("روشنی".encode(), "utf-8", "روشنی"),
    ],
)
def test_words_survive_every_charset(provider, look, words, charset, expected):
    provider.mail(words, kind=f"text/plain; charset={charset}")

    provider.process()

    assert texts(look) == [expected]


def test_a_mail_of_a_megabyte_with_a_file_is_placed_whole(provider, look):
    file = (
        b'--b\r\nContent-Type: image/jpeg\r\nContent-Disposition: attachment; filename="a.jpg"\r\n\r\n'
        + b"\xff\xd8" * 500_000
    )
    body = b"--b\r\nContent-Type: text/plain\r\n\r\nSee the picture\r\n" + file + b"\r\n--b--\r\n"

    answer = provider.mail(body, kind="multipart/mixed; boundary=b")
    provider.process()

    sizes = look(lambda s: [(row.filename, row.size) for row in s.scalars(select(Attachment))])
    assert answer.status_code == 200
    assert texts(look) == ["See the picture"]
    assert sizes == [("a.jpg", 1_000_000)]


def test_the_same_mail_to_one_mailbox_is_one_message_and_to_two_is_two(provider, look):
    same = "<one@example.com>"
    for to in ("a@reply.example.org", "a@reply.example.org", "b@reply.example.org"):
        provider.post(
            "sendgrid_inbound", mail_body(b"Hello", to=to, message_id=same, headers=[("X-Post", str(id(to)))])
        )

    provider.process()

    assert len(texts(look)) == 2


def test_a_job_stays_for_what_comes_meanwhile_so_that_no_other_is_needed(provider, runtime, jobs, look, monkeypatch):
    monkeypatch.setattr(jobs, "stay", lambda bell, by: True)
    provider.text("First")
    job = threading.Thread(target=tasks.process_webhooks, args=(runtime,))
    job.start()
    time.sleep(0.3)
    provider.text("Second")
    job.join(20)

    assert sorted(texts(look)) == ["First", "Second"]
