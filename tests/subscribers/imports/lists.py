"""Files of people, as office programs write them."""

import itertools

from peoplelink.subscribers.imports import adding, checking, files, services
from peoplelink.subscribers.imports.models import ImportRow
from tests.subscribers import people

HEAD = "mobile,email,name,zones,topics,language,source,date of consent,exact wording"
OTHER = "07700 900124"
WORDS = "I agree to texts and emails from the Commissioner's office."
CHECKING = checking.Settings(people.ADDRESS_KEY, fictional_allowed=True)
ADDING = adding.Settings(people.ADDRESS_KEY, people.LINKS)


def row(mobile="07700 900123", email="", **said):
    cells = {
        "name": "", "zones": "New Parks", "topics": "", "language": "", "source": "Summer fair", "date": "2025-07-12",
        "wording": WORDS,
    } | said  # fmt: skip
    return ",".join(f'"{cell}"' for cell in (mobile, email, *cells.values()))


def file_of(*rows, head=HEAD):
    return "\n".join([head, *rows, ""]).encode()


def in_pieces(data, size=services.PIECE):
    return lambda: (data[start : start + size] for start in range(0, len(data), size))


def begin(session, data, now, *, asks=False, zone_ids=None):
    return services.begin(
        session, in_pieces(data), file_name="people.csv", asks=asks, zone_ids=zone_ids, by="officer:x", now=now
    )


def read(session, one, data, now, *, batch=2):
    """Look at all rows, some at a time."""
    form = files.Form(one.encoding, one.delimiter, one.header, one.columns)
    records = files.rows(in_pieces(data)(), form, after=one.last_line)
    while True:
        some = list(itertools.islice(records, batch))
        assert checking.take(session, one.id, some, after=one.last_line, settings=CHECKING, now=now)
        if not some:
            return


def looked_at(session, data, now, **options):
    one = begin(session, data, now, **options)
    read(session, one, data, now)
    return one


def add_all(session, one, now):
    services.start(session, one, by="officer:x", now=now)
    while adding.add_some(session, one.id, settings=ADDING, now=now):
        pass


def imported(session, data, now, **options):
    one = looked_at(session, data, now, **options)
    add_all(session, one, now)
    return one


def rows_of(session, one):
    """(line, status, reason) of every row."""
    found = session.query(ImportRow).filter_by(import_id=one.id).order_by(ImportRow.line)
    return [(one.line, one.status.value, one.reason) for one in found]
