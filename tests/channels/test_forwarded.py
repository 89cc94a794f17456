"""Mails that come as files of another mail."""

import base64
import email
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from peoplelink.channels import forwarded
from peoplelink.channels.messages import Media
from tests.channels.forms import read_raw

LINK = "https://link.example.org/" + "x" * 90


def ours():
    """A mail with a long line, which is packed, and a picture."""
    message = EmailMessage()
    message["From"], message["Subject"], message["Bcc"] = "hello@example.org", "Your choices é", "secret@example.org"
    message.set_content(f"Press {LINK} é", cte="base64")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="map.png")
    return message


def around(*parts):
    box = MIMEMultipart()
    box["From"], box["To"], box["Subject"] = "person@example.com", "hello@reply.example.org", "Look"
    for part in (MIMEText("See the mail"), *parts):
        box.attach(part)
    return box.as_bytes()


def as_mail():
    return MIMEMessage(ours())


def as_packed_mail():
    part = MIMEApplication(ours().as_bytes(), "octet-stream")
    part.replace_header("Content-Type", "message/rfc822")
    return part


def as_file():
    part = MIMEApplication(ours().as_bytes(), "octet-stream")
    part.add_header("Content-Disposition", "attachment", filename="Old.EML")
    return part


@pytest.mark.parametrize(
    ("part", "name"), [(as_mail, "attachment.txt"), (as_packed_mail, "attachment.txt"), (as_file, "Old.txt")]
)
def test_a_mail_as_a_file_is_kept_as_its_words_and_its_own_files(part, name):
    message = read_raw(around(part()))

    assert message.text == "See the mail"
    words, picture = message.media
    assert (words.filename, words.content_type) == (name, "text/plain")
    assert words.content.decode() == f"From: hello@example.org\nSubject: Your choices é\n\nPress {LINK} é\n"
    assert (picture.filename, picture.content_type, picture.content) == ("map.png", "image/png", b"\x89PNG")


def test_mails_in_mails_are_opened_to_the_third_level():
    raw = around()
    for _ in range(5):
        raw = around(MIMEMessage(email.message_from_bytes(raw)))

    kinds = [file.content_type for file in read_raw(raw).media]

    assert kinds == ["text/plain", "text/plain", "text/plain", "message/rfc822"]


def test_what_is_no_mail_but_is_called_one_stays_as_it_is():
    broken = b"Content-Type: multipart/mixed; boundary=a\n" * 101
    files = (
        Media("a.eml", "application/octet-stream", content=broken),
        Media("b", "image/png", url="https://x.example"),
    )

    assert forwarded.opened(files) == files


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\x00\x00", b"%PDF-1.4\n%\xe2\xe3"])
def test_a_file_that_is_only_called_a_mail_stays_as_it_is(content):
    file = Media("a.eml", "application/octet-stream", content=content)

    assert forwarded.opened([file]) == (file,)


def test_base64_that_cannot_be_undone_loses_nothing_else():
    part = as_packed_mail()
    cut = base64.b64encode(b"Subject: Old\n\nWords").decode()[:-3]
    part.set_payload(cut)

    message = read_raw(around(part))

    assert message.text == "See the mail"
    assert message.media[0].content == cut.encode()
