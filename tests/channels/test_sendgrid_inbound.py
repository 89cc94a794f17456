"""What Inbound Parse posts: whose mail it is, and whether to believe it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peoplelink.channels.errors import UnreadablePayloadError
from peoplelink.channels.messages import Medium
from tests.channels.forms import BOUNDARY, CONTENT_TYPE, ENVELOPE, mail, multipart, raw_post, read, read_raw


def test_a_plain_answer_is_read():
    message = read_raw(mail(b"Thanks, I will come."))

    assert message.medium is Medium.EMAIL
    assert (message.sender, message.recipient) == ("person@example.com", "token1@reply.example.org")
    assert (message.subject, message.text) == ("Re: News", "Thanks, I will come.")
    assert (message.automatic, message.trusted_sender, message.media) == (False, True, ())


def test_a_repeat_has_the_same_id_and_each_mailbox_its_own():
    other = {**ENVELOPE, "to": ["token2@reply.example.org"]}

    first, again = read_raw(mail(b"Hello")), read_raw(mail(b"Hello"))

    assert first.provider_message_id == again.provider_message_id
    assert first.provider_message_id != read_raw(mail(b"Hello"), envelope=other).provider_message_id
    assert "@" not in first.provider_message_id


def test_mails_without_an_id_are_told_apart_by_their_bytes():
    nameless = mail(b"Hello").replace(b"Message-ID: <1@example.com>\r\n", b"")

    assert read_raw(nameless).provider_message_id == read_raw(nameless).provider_message_id
    assert read_raw(nameless).provider_message_id != read_raw(nameless + b"!").provider_message_id


@pytest.mark.parametrize(
    ("headers", "references"),
    [
        ([], ()),
        ([("In-Reply-To", "<0@example.org>")], ("<0@example.org>",)),
        ([("In-Reply-To", "<0@example.org> from Ash")], ("<0@example.org>",)),
        ([("References", "<a@x>\r\n <b@x>"), ("In-Reply-To", "<b@x>")], ("<a@x>", "<b@x>")),
        ([("References", "no id at all"), ("In-Reply-To", "<b@x>")], ("<b@x>",)),
        ([("References", "<" + "x" * 300 + "@x> <b@x>")], ("<b@x>",)),
        ([("References", "<caf\u00e9@x> <b@x>")], ("<b@x>",)),
    ],
)
def test_the_mails_before_it_are_known_by_their_ids(headers, references):
    message = read_raw(mail(headers=headers))

    assert (message.mail_id, message.mail_references) == ("<1@example.com>", references)


def test_of_a_long_chain_the_first_and_the_last_are_kept():
    chain = [f"<{number}@example.com>" for number in range(40)]

    assert read_raw(mail(headers=[("References", " ".join(chain))])).mail_references == (chain[0], *chain[-9:])


def test_a_mail_without_an_id_of_its_own_has_none_to_be_answered():
    assert read_raw(mail().replace(b"Message-ID: <1@example.com>", b"Message-ID: 1")).mail_id == ""


@pytest.mark.parametrize(
    "headers",
    [
        [("Auto-Submitted", "auto-replied")],
        [("Auto-Submitted", "auto-generated; owner=x")],
        [("Precedence", "bulk")],
        [("Precedence", "auto_reply")],
        [("X-Auto-Response-Suppress", "All")],
        [("X-Autoreply", "yes")],
        [("List-Id", "<list.example.org>")],
        [("Return-Path", "<>")],
    ],
)
def test_what_a_machine_wrote_is_marked(headers):
    assert read_raw(mail(headers=headers)).automatic


def test_a_mail_that_returns_to_nobody_is_marked():
    assert read_raw(mail(), envelope={**ENVELOPE, "from": ""}).automatic
    assert read_raw(mail(kind="multipart/report; boundary=b")).automatic


@pytest.mark.parametrize(
    "headers", [[("Auto-Submitted", "no")], [("Precedence", "normal")], [("Return-Path", "<a@b>")]]
)
def test_what_a_person_wrote_is_not_marked(headers):
    assert not read_raw(mail(headers=headers)).automatic


@pytest.mark.parametrize(
    ("spf", "dkim", "envelope_from", "trusted"),
    [
        ("pass", "{@example.com : pass}", "person@example.com", True),
        ("fail", "{@example.com : pass}", "person@example.com", True),
        ("pass", "none", "person@example.com", True),
        ("pass", "none", "person@mail.example.com", True),
        ("softfail", "{@mail.example.com : pass}", "x@other.test", True),
        ("fail", "{@example.com : fail}", "person@example.com", False),
        ("pass", "{@other.test : pass}", "x@other.test", False),
        ("pass", "{@notexample.com : pass}", "x@notexample.com", False),
        ("pass", "{@com : pass}", "x@com", False),
        ("none", "none", "person@example.com", False),
        ("", "", "person@example.com", False),
    ],
)
def test_from_is_believed_only_where_its_own_domain_vouches(spf, dkim, envelope_from, trusted):
    message = read_raw(mail(), spf=spf, dkim=dkim, envelope={**ENVELOPE, "from": envelope_from})

    assert message.trusted_sender is trusted


HEADERS = "From: A Person <person@example.com>\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\nMessage-ID: <2@example.com>\r\n"


def taken_apart(**changes):
    fields = {"headers": HEADERS, "envelope": json.dumps(ENVELOPE), "SPF": "pass", "text": "Hello"}
    return {**fields, **changes}


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("cp850", b"caf\x82", "café"),
        ("iso-8859-1", b"caf\xe9", "café"),
        ("UTF-8", "یہ خبر".encode(), "یہ خبر"),
        ("unheard-of", b"caf\xe9", "café"),
        (5, b"caf\xe9", "café"),
    ],
)
def test_a_mail_taken_apart_is_read_in_the_charset_it_names(charset, data, text):
    message = read(multipart(taken_apart(text=data, charsets=json.dumps({"text": charset}))))

    assert (message.text, message.subject, message.sender) == (text, "Café", "person@example.com")
    assert message.trusted_sender


def test_a_mail_taken_apart_may_be_html_with_files():
    fields = taken_apart(text="", html=b"<p>Hello</p>")

    message = read(multipart(fields, [("attachment1", "../b.txt", "text/plain; charset=x", b"\x00\xff")]))

    assert message.text == "Hello"
    assert [(file.filename, file.content_type, file.content) for file in message.media] == [
        ("b.txt", "text/plain", b"\x00\xff")
    ]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", CONTENT_TYPE),
        (b"nothing", CONTENT_TYPE),
        (raw_post(mail()), "application/json"),
        (raw_post(mail()), "multipart/form-data"),
        (raw_post(mail()), "multipart/form-data; boundary=other"),
        (raw_post(mail())[:-200], CONTENT_TYPE),
        (raw_post(mail(), envelope={}), CONTENT_TYPE),
        (raw_post(mail(), envelope=[]), CONTENT_TYPE),
        (raw_post(mail(), envelope={"to": [], "from": "a@example.org"}), CONTENT_TYPE),
        (raw_post(mail(), envelope={"to": [5], "from": "a@example.org"}), CONTENT_TYPE),
        (raw_post(b"", envelope={**ENVELOPE, "from": ""}), CONTENT_TYPE),
        (multipart({"envelope": json.dumps(ENVELOPE), "text": "Hello"}), CONTENT_TYPE),
        (multipart({f"f{n}": "x" for n in range(500)}), CONTENT_TYPE),
        (f"--{BOUNDARY}\r\n\r\nno name\r\n--{BOUNDARY}--".encode(), CONTENT_TYPE),
    ],
)
def test_what_is_no_mail_cannot_be_read(body, content_type):
    with pytest.raises(UnreadablePayloadError):
        read(body, content_type)


@given(st.binary(max_size=300))
def test_no_post_at_all_blows_up(body):
    with pytest.raises(UnreadablePayloadError):
        read(body)
