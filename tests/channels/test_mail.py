"""Mail from residents, as ugly as mail is."""

# ruff: noqa: RUF001 - look-alike characters are what people write

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peoplelink.channels.errors import UnreadablePayloadError
from tests.channels.forms import mail, nested, read_raw


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("text/plain; charset=utf-8", "Zażółć – é".encode(), "Zażółć – é"),
        ("text/plain; charset=iso-8859-1", b"caf\xe9", "café"),
        ("text/plain; charset=iso-8859-2", "Zażółć".encode("iso-8859-2"), "Zażółć"),
        ("text/plain; charset=windows-1252", b"it\x92s \x80", "it\u2019s €"),
        ("text/plain; charset=iso-8859-1", b"it\x92s \x80", "it\u2019s €"),
        ("text/plain; charset=cp850", b"caf\x82", "café"),
        ("text/plain; charset=utf-8", b"caf\xe9", "café"),
        ("text/plain; charset=us-ascii", "é".encode(), "é"),
        ("text/plain; charset=iso-8859-1", "Zażółć".encode(), "Zażółć"),
        ("text/plain; charset=x-unheard-of", "é".encode(), "é"),
        ("text/plain; charset=idna", "é".encode(), "é"),
        ("text/plain; charset=rot13", b"abc", "abc"),
        ("text/plain; charset=utf-8", b"\x81\x8d", "\x81\x8d"),
        ("text/plain", "ગુજરાતી".encode(), "ગુજરાતી"),
        ("text/plain; charset=utf-8", "یہ خبر درست ہے\u200f".encode(), "یہ خبر درست ہے\u200f"),
        ("text/plain; charset=utf-8", b"a\x00b", "a\ufffdb"),
        ("text/html; charset=iso-8859-1", b"<p>caf\xe9</p><p>two</p>", "café\n\ntwo"),
        ("text/html", b"<style>p{}</style><script>x()</script><p>Hello</p>", "Hello"),
        ("text/html", b"", ""),
        ("text/html", b"<!-- -->", ""),
        ("text/plain", b"", ""),
        ("image/png", b"\x89PNG", ""),
        ("nonsense", b"Hello", "Hello"),
    ],
)
def test_a_body_is_read_in_the_charset_it_is_in(kind, data, text):
    assert read_raw(mail(data, kind=kind)).text == text


@pytest.mark.parametrize(
    ("encoding", "data", "text"),
    [
        ("quoted-printable", b"caf=C3=A9 =\r\nand tea", "café and tea"),
        ("quoted-printable", b"100=ZZ", "100=ZZ"),
        ("base64", base64.b64encode("café".encode()), "café"),
        ("base64", b"SGVsbG8", "Hello"),
        ("unheard-of", b"Hello", "Hello"),
    ],
)
def test_a_transfer_encoding_is_undone_as_far_as_it_goes(encoding, data, text):
    assert read_raw(mail(data, encoding=encoding)).text == text


@pytest.mark.parametrize("data", [b"%%%%", b"SGVsbG8gd29ybGQ*!", b"\xff\xfe", b"A"])
def test_broken_base64_is_read_somehow(data):
    assert isinstance(read_raw(mail(data, encoding="base64")).text, str)


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?q?Caf=C3=A9?=", "Café"),
        (b"=?utf-8?b?Q2Fmw6k=?= =?utf-8?b?IQ==?=", "Café!"),
        (b"=?iso-8859-1?q?Caf=E9?= news", "Café news"),
        (b"=?utf-8?b?Q?=", "=?utf-8?b?Q?="),
        (b"=?unheard-of?q?Caf=C3=A9?=", "Café"),
        ("Café".encode(), "Café"),
        (b"Caf\xe9", "Café"),
        (b"one\r\n two", "one two"),
        (b"=?utf-8?q?one=0D=0ABcc:_x=40example.org?=", "one Bcc: x@example.org"),
        (b"=?utf-8?q?a=00b?=", "a\ufffdb"),
        (b"", ""),
    ],
)
def test_a_subject_becomes_one_readable_line(raw, subject):
    assert read_raw(mail().replace(b"Re: News", raw)).subject == subject


def test_an_endless_subject_is_cut():
    assert len(read_raw(mail().replace(b"Re: News", b"x" * 1_000_000)).subject) == 2000


@pytest.mark.parametrize(
    ("raw", "sender"),
    [
        (b"<other@example.com>", "other@example.com"),
        (b'"Name, A" <other@example.com>', "other@example.com"),
        (b"=?utf-8?q?J=C3=B3?= <other@example.com>", "other@example.com"),
        ("Józef <other@example.com>".encode(), "other@example.com"),
        (b"other@example.com (a note)", "other@example.com"),
        (b"nobody, other@example.com", "other@example.com"),
        (b"", "person@example.com"),
        (b"undisclosed", "person@example.com"),
        (b"((((" * 20_000, "person@example.com"),
    ],
)
def test_the_sender_is_the_mailbox_in_from(raw, sender):
    assert read_raw(mail().replace(b"A Person <person@example.com>", raw)).sender == sender


def boxed(*parts, kind="mixed"):
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
    return mail(body, kind=f'multipart/{kind}; boundary="b"')


PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\nSee the picture"


def test_files_come_with_their_bytes():
    picture = b'Content-Type: image/PNG; name="../../bin\\x.png"\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw=='
    named = (
        b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''caf%C3%A9.pdf\r\n\r\n%PDF"
    )

    message = read_raw(boxed(PLAIN, picture, named))

    assert message.text == "See the picture"
    assert [(file.filename, file.content_type, file.content) for file in message.media] == [
        ("x.png", "image/png", b"\x89PNG"),
        ("café.pdf", "application/pdf", b"%PDF"),
    ]


def test_the_words_of_a_forwarded_mail_are_not_the_senders():
    forwarded = b"Content-Type: message/rfc822\r\n\r\nSubject: Old\r\n\r\nSomebody else's words"

    message = read_raw(boxed(PLAIN, forwarded))

    assert message.text == "See the picture"
    [file] = message.media
    assert (file.content_type, file.content) == ("text/plain", b"Subject: Old\n\nSomebody else's words")


def test_plain_text_is_taken_before_html():
    html = b"Content-Type: text/html\r\n\r\n<p>in HTML</p>"

    assert read_raw(boxed(html, PLAIN, kind="alternative")).text == "See the picture"


def test_thirty_boxes_within_boxes_are_opened():
    assert read_raw(nested(30)).text == "The words"


@pytest.mark.parametrize("raw", [nested(101), nested(2000), nested(99).replace(b"The words", b"x\r\n" * 1_000_000)])
def test_boxes_made_to_keep_us_busy_are_refused_at_once(raw):
    started = time.perf_counter()

    with pytest.raises(UnreadablePayloadError):
        read_raw(raw)

    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("html", [b"<div>" * 20_000, b"<table><tr><td>" * 5_000 + b"x", b"<" * 100_000, b"<p>\x00</p>"])
def test_hostile_html_is_read_in_good_time(html):
    started = time.perf_counter()

    read_raw(mail(html, kind="text/html"))

    assert time.perf_counter() - started < 5


@given(st.binary(max_size=400))
def test_no_mail_at_all_blows_up(raw):
    message = read_raw(raw)

    assert message.text.encode() is not None
    assert "\x00" not in message.text + message.subject + message.sender
