"""Mails that came as files of another mail: their words as a text file, and their own files beside it.

Such a mail may be ours, with its links, and who has those acts as its reader; they are taken out of what is kept
(`keys.without_tokens`), which works on words and not on words packed into lines of base64. Nor need an officer open a
stranger's mail in a mail program to read it.
"""

from collections.abc import Iterable, Iterator

from peoplelink.channels.errors import UnreadablePayloadError
from peoplelink.channels.mail import Mail, read_mail
from peoplelink.channels.messages import Media

_LEVELS = 3
"""Of a mail in a mail in a mail; what lies deeper stays a file, so that a mail of many levels is not read for each."""
_SHOWN = ("From", "To", "Date", "Subject")
_ENDING = ".eml"


def opened(files: Iterable[Media], *, levels: int = _LEVELS) -> tuple[Media, ...]:
    """These files, with a text file and its own files in place of each mail.

    What is none, or cannot be read, stays as it is.
    """
    return tuple(each for file in files for each in _opened(file, levels))


def is_mail(file: Media) -> bool:
    """Whether a file is a mail, by its kind or its name."""
    return file.content_type == "message/rfc822" or file.filename.lower().endswith(_ENDING)


def _opened(file: Media, levels: int) -> Iterator[Media]:
    try:
        mail = read_mail(file.content or b"") if levels and is_mail(file) else None
    except UnreadablePayloadError:
        mail = None
    if mail is None or not any(map(mail.header, _SHOWN)):  # a picture may be called a mail
        yield file
    else:
        yield Media(_text_name(file.filename), "text/plain", content=_words(mail).encode())
        yield from opened(mail.media, levels=levels - 1)


def _text_name(name: str) -> str:
    return f"{name[: -len(_ENDING)] if name.lower().endswith(_ENDING) else name}.txt"


def _words(mail: Mail) -> str:
    """Its headers that matter to a reader, and its text."""
    headers = [f"{name}: {value}" for name in _SHOWN if (value := mail.header(name))]
    return "\n".join([*headers, "", mail.text])
