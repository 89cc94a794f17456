"""What the sandbox remembers over a restart, and over a crash."""

import orjson
import pytest
from twilio.base.exceptions import TwilioRestException

from peoplelink.sandbox.journal import Journal
from tests.sandbox.parts import API_KEY, OURS, Server, a_mail, eventually, make_settings

RESIDENT = "+447700900123"


@pytest.fixture
def restart(sink, tmp_path):
    """Starts a sandbox on the same journal each time, stopping the one before."""
    running = []

    def again(**changes):
        if running:
            running.pop().stop()
        running.append(Server(make_settings(sink.url, journal=tmp_path / "var" / "sandbox.jsonl", **changes)))
        return running[-1]

    yield again
    if running:
        running.pop().stop()


def send(client, body="Hello"):
    return client.messages.create(to=RESIDENT, body=body, from_=OURS)


def mail(server):
    return server.call("POST", "/v3/mail/send", a_mail(categories=["c"]), {"Authorization": f"Bearer {API_KEY}"})


def test_a_restart_shows_the_same_ledger_handsets_and_opt_outs(restart, make_twilio):
    first = restart()
    send(make_twilio(first))
    mail(first)
    first.text_in("+447700900124", "STOP")
    first.call("POST", "/sandbox/inbound/mail", {"from": "ash@example.org", "to": "r@in.example.org", "text": "Hi"})
    first.idle()
    before = first.ledger("?origin=all")
    index = first.call("GET", "/").text

    second = restart()

    assert second.ledger("?origin=all") == before
    assert second.call("GET", "/").text == index
    with pytest.raises(TwilioRestException) as refusal:
        make_twilio(second).messages.create(to="+447700900124", body="Hello", from_=OURS)
    assert refusal.value.code == 21610


def test_what_was_under_way_goes_on_after_a_restart(restart, make_twilio):
    first = restart(step_ms=60_000)
    send(make_twilio(first))
    mail(first)

    second = restart()
    second.idle()

    assert {entry["status"] for entry in second.ledger()} == {"delivered"}


def test_redactions_deletions_and_clearing_last(restart, make_twilio):
    first = restart()
    client = make_twilio(first)
    kept, gone = send(client).sid, send(client).sid
    first.idle()
    client.messages(kept).update(body="")
    client.messages(gone).delete()

    second = restart()
    assert [(entry["id"], entry["body"]) for entry in second.ledger()] == [(kept, "")]

    second.call("DELETE", "/sandbox/ledger")
    assert restart().ledger() == []


def test_a_torn_last_line_is_cut_off_and_the_rest_kept(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"kind":"handset","address":"a@example.org"}\n{"kind":"handset","addr')

    journal = Journal(path)
    journal.write({"kind": "handset", "address": "b@example.org"})
    journal.flush()

    assert [record["address"] for record in journal.records()] == ["a@example.org", "b@example.org"]
    assert path.read_bytes().endswith(b"\n")
    assert orjson.loads(path.read_bytes().splitlines()[-1]) == {"kind": "handset", "address": "b@example.org"}


def test_an_unreadable_line_in_the_middle_is_left_out(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"n":1}\n\x00\x00rubbish\n{"n":2}\n')

    assert [record["n"] for record in Journal(path).records()] == [1, 2]


def test_the_journal_is_for_its_owner_only(tmp_path):
    path = tmp_path / "journal.jsonl"

    Journal(path)

    assert path.stat().st_mode & 0o077 == 0


def test_the_journal_reaches_the_disk_without_a_stop(restart, make_twilio, tmp_path):
    send(make_twilio(restart()))

    assert eventually(lambda: b'"delivered"' in (tmp_path / "var" / "sandbox.jsonl").read_bytes(), 2)
