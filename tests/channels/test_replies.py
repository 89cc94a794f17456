"""A person's own words, out of what mail programs put around them."""

# ruff: noqa: RUF001 - look-alike characters are what people write

import time

import pytest

from tests.channels.forms import mail, read_raw

GMAIL_PL = (
    "Tak, będę.\r\n\r\n"
    "pon., 23 lis 2026 o 10:15 People Link <token1@reply.example.org>\r\nnapisał(a):\r\n\r\n"
    "> Czy przyjdziesz?\r\n>\r\n> Zespół\r\n"
)
GMAIL_FR = (
    "Oui.\r\n\r\nLe lun. 23 nov. 2026 à 10:15, People Link <token1@reply.example.org> a\r\nécrit :\r\n\r\n> Venez\r\n"
)
GMAIL_LONG = (
    "Yes.\n\nOn Mon, 23 Nov 2026 at 10:15, People Link North Evington\n"
    "<token1@reply.example.org>\nwrote:\n\n> Will you come?\n"
)
OUTLOOK = (
    "Yes\r\n\r\n________________________________\r\nFrom: People Link <link@example.org>\r\n"
    "Sent: 23 November 2026 10:15\r\nTo: A Person <person@example.com>\r\nSubject: News\r\n\r\nWill you come?\r\n"
)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (GMAIL_PL, "Tak, będę."),
        (GMAIL_FR, "Oui."),
        (GMAIL_LONG, "Yes."),
        (OUTLOOK, "Yes"),
        ("Yes\n\nOn Mon, 23 Nov 2026 at 10:15, Link wrote:\n> Will you come?", "Yes"),
        ("Yes\n\n> Reply above this line\n> Will you come?", "Yes"),
        ("Yes\n\n-- Reply above this line --\nWill you come?", "Yes"),
        ("Yes\n\nW dniu 23.11.2026 <a@example.org> pisze:\n\nReply above this line\n\nWill you come?", "Yes"),
        ("On 23 Nov 2026, Link <a@example.org> wrote:\n> Will you come?\n\nYes, I will.", "Yes, I will."),
        ("> Will you come?\nYes, I will.", "Yes, I will."),
        ("> only a quote", "> only a quote"),
        ("My list:\n- dogs\n- bins\n\nThank you,\nA Person", "My list:\n- dogs\n- bins\n\nThank you,\nA Person"),
        (
            "Write to bob@example.org for this:\nthe bins are full",
            "Write to bob@example.org for this:\nthe bins are full",
        ),
        ("یہ درست ہے۔\n\n> پہلا پیغام", "یہ درست ہے۔"),
        ("STOP", "STOP"),
        ("\r\n\r\n", ""),
    ],
)
def test_only_the_persons_own_words_are_kept(body, text):
    assert read_raw(mail(body.encode())).text == text


def test_quoted_html_ends_at_our_marker():
    html = b"<div>Yes please</div><blockquote><p>Reply above this line</p><p>Will you come?</p></blockquote>"

    assert read_raw(mail(html, kind="text/html")).text == "Yes please"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"All quiet here. " * 65_536, id="1 MB of words"),
        pytest.param(b"\n" * 1_000_000, id="1 MB of lines"),
        pytest.param(b"> \n" * 300_000, id="1 MB of quotes"),
        pytest.param(b"From: a\n" * 100_000, id="a million headers"),
        pytest.param(b"On " * 300_000, id="words a pattern begins with"),
        pytest.param((b"On " * 660 + b"\n") * 20, id="lines a pattern begins with"),
        pytest.param(b"a@b" * 300_000 + b":\n>", id="mailboxes without end"),
        pytest.param(b"-" * 1_000_000, id="a line of dashes"),
        pytest.param(b" " * 1_000_000 + b"x", id="1 MB of spaces"),
        pytest.param(b"a" + b"\r\n" * 19_990 + b"b", id="empty lines between words"),
        pytest.param(b"a" + b" \r\n" * 9_990 + b"b", id="lines of spaces between words"),
    ],
)
def test_a_huge_mail_is_read_in_good_time(body):
    started = time.perf_counter()

    message = read_raw(mail(body))

    assert time.perf_counter() - started < 5
    assert len(message.text) <= 20_000
