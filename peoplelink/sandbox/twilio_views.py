"""A text as Twilio's Messages resource shows it, and pages of them (spec twilio_api_v2010, ListMessage)."""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from multidict import MultiMapping

from peoplelink.sandbox.records import Text
from peoplelink.sandbox.state import State

API_VERSION = "2010-04-01"
PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000


def text_json(text: Text, account_sid: str) -> dict[str, Any]:
    """All response fields. With a Messaging Service the sender and the parts are not known while it is accepted."""
    chosen = text.status != "accepted"
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{text.sid}"
    return {
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": text.body,
        "date_created": format_datetime(text.accepted_at),
        "date_updated": format_datetime(text.updated_at or text.accepted_at),
        "date_sent": format_datetime(text.sent_at) if text.sent_at else None,
        "direction": text.direction,
        "error_code": text.error_code,
        "error_message": None,
        "from": text.sender if chosen else None,
        "messaging_service_sid": text.service_sid,
        "num_media": str(len(text.media)),
        "num_segments": str(text.segments) if chosen else "0",
        "price": None,
        "price_unit": "GBP",
        "sid": text.sid,
        "status": text.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": text.to,
        "uri": f"{uri}.json",
    }


@dataclass(frozen=True)
class ListQuery:
    """The filters of a list call; `before` is the ledger number to go on below."""

    to: str | None
    sender: str | None
    earliest: dt.datetime | None
    latest: dt.datetime | None
    page_size: int
    before: int | None


def read_query(query: MultiMapping[str]) -> ListQuery:
    """Read To, From, DateSent (=, <, >), PageSize, PageToken; raises ValueError for what cannot be read."""
    earliest, latest = _moment(query.get("DateSent>")), _moment(query.get("DateSent<"))
    if day := _moment(query.get("DateSent")):
        # Without a sign it means a day, whatever time the client library adds.
        earliest = day.replace(hour=0, minute=0, second=0, microsecond=0)
        latest = earliest + dt.timedelta(days=1)
    token = query.get("PageToken")
    return ListQuery(
        to=query.get("To"),
        sender=query.get("From"),
        earliest=earliest,
        latest=latest,
        page_size=max(1, min(int(query.get("PageSize", PAGE_SIZE)), MAX_PAGE_SIZE)),
        before=int(token.removeprefix("PASM"), 16) if token else None,
    )


def _moment(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def page_json(state: State, query: ListQuery, account_sid: str) -> dict[str, Any]:
    """One page, newest first, with the address of the next if there is more."""
    found = list(itertools.islice(_matching(state, query), query.page_size + 1))
    page, more = found[: query.page_size], len(found) > query.page_size
    base = f"/{API_VERSION}/Accounts/{account_sid}/Messages.json"
    first = f"{base}?{urlencode(_filters(query))}"
    return {
        "messages": [text_json(text, account_sid) for text in page],
        "page": 0 if query.before is None else 1,
        "page_size": query.page_size,
        "start": 0,
        "end": max(len(page) - 1, 0),
        "uri": first,
        "first_page_uri": first,
        "previous_page_uri": None,
        "next_page_uri": f"{first}&PageToken=PASM{page[-1].number:032x}" if more else None,
    }


def _filters(query: ListQuery) -> dict[str, str]:
    filters: dict[str, str | None] = {
        "To": query.to,
        "From": query.sender,
        "DateSent>": query.earliest.isoformat() if query.earliest else None,
        "DateSent<": query.latest.isoformat() if query.latest else None,
        "PageSize": str(query.page_size),
    }
    return {name: value for name, value in filters.items() if value is not None}


def _matching(state: State, query: ListQuery) -> Iterator[Text]:
    for text in reversed(_candidates(state, query)):
        if query.before is not None and text.number >= query.before:
            continue
        if query.to not in (None, text.to) or query.sender not in (None, text.sender):
            continue
        if _in_time(text, query):
            yield text


def _candidates(state: State, query: ListQuery) -> list[Text]:
    """The shortest list that holds all matches: a resident's own thread where one is named."""
    for address in (query.to, query.sender):
        if address in state.threads:
            return _texts(state.threads[address])
    return list(state.texts.values())


def _texts(entries: Iterable[object]) -> list[Text]:
    return [entry for entry in entries if isinstance(entry, Text)]


def _in_time(text: Text, query: ListQuery) -> bool:
    """A message not yet sent has no date, and no date filter finds it."""
    if query.earliest is None and query.latest is None:
        return True
    if text.sent_at is None:
        return False
    after = query.earliest is None or text.sent_at >= query.earliest
    return after and (query.latest is None or text.sent_at <= query.latest)
