"""The posting of SendGrid's events: gathered, signed, and tried again until the app takes them."""

from aiohttp import ClientSession

from peoplelink.clock import now
from peoplelink.sandbox.agenda import Agenda
from peoplelink.sandbox.settings import Settings
from peoplelink.sandbox.signing import signed_headers
from peoplelink.sandbox.webhooks import post

BATCH_EVENTS = 500  # a real batch ends at 768 KB; so many of ours are about a third of that
_LONGEST_PAUSE = 300.0  # seconds between two tries of a batch
_GIVE_UP_TRIES = 300  # with that pause, about the 24 hours that SendGrid tries


class EventBatches:
    """Events gathered for the next POSTs: the first list leaves next, those behind it one batch time later each."""

    def __init__(self, settings: Settings, agenda: Agenda, http: ClientSession) -> None:
        self._settings = settings
        self._agenda = agenda
        self._http = http
        self._lists: list[list[bytes]] = []

    def add(self, event: bytes, *, batches_later: int = 0) -> None:
        """Gather an event, as JSON, and plan the leaving of a batch that has none planned."""
        while len(self._lists) <= batches_later:
            self._lists.append([])
            self._agenda.put(self._settings.event_batch_ms / 1000 * len(self._lists), self._leave)
        self._lists[batches_later].append(event)

    async def _leave(self) -> None:
        events = self._lists.pop(0)
        for start in range(0, len(events), BATCH_EVENTS):
            self._agenda.put(0, self._post, events[start : start + BATCH_EVENTS], 0)

    async def _post(self, events: list[bytes], tried: int) -> None:
        # Between events stands a CRLF, and another at the end, as SendGrid has it: only the raw bytes verify.
        body = b"[" + b",\r\n".join(events) + b"]\r\n"
        headers = signed_headers(self._settings.event_key, body, timestamp=int(now().timestamp()))
        headers |= {"Content-Type": "application/json; charset=utf-8", "User-Agent": "SendGrid Event API"}
        answer = await post(self._http, self._settings.events_url, body, headers)
        if not answer.ok and tried < _GIVE_UP_TRIES:
            pause = min(self._settings.retry_ms / 1000 * 2 ** min(tried, 20), _LONGEST_PAUSE)
            self._agenda.put(pause, self._post, events, tried + 1)
