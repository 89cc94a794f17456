"""Filling in the form in which residents join."""

import datetime as dt

from peoplelink import clock
from peoplelink.subscribers import consent, robots
from tests.pages import csrf_token

GOOD = {"zones": "new-parks", "mobile": "07700 900123", "old_enough": "y"}


def mark(runtime, *, seconds=60, wording_id=None):
    """The mark of a form that was opened so many seconds ago."""
    with runtime.database.read() as session:
        wording_id = wording_id or consent.wording(session, "web-form").id
    marks = robots.FormMarks(runtime.config.secret_keys)
    return marks.make(wording_id, now=clock.now() - dt.timedelta(seconds=seconds))


def post(client, runtime, *, remote=None, **fields):
    """Send the form as somebody who took a minute over it."""
    data = {**GOOD, "opened": mark(runtime), "csrf_token": csrf_token(client, "/join"), **fields}
    where = {"environ_base": {"REMOTE_ADDR": remote}} if remote else {}
    return client.post("/join", data={name: value for name, value in data.items() if value is not None}, **where)
