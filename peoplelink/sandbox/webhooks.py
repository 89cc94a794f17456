"""Posting to the app: one attempt, its outcome, and Twilio's connection overrides that say when to try again."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl

from aiohttp import ClientConnectionError, ClientError, ClientSession, ClientTimeout
from yarl import URL


@dataclass(frozen=True)
class Answer:
    """What came of a POST: `fault` is None after any HTTP answer, else ct (no connection) or rt (no answer in time)."""

    status: int | None
    content_type: str = ""
    body: bytes = b""
    fault: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the app took it."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Notice:
    """One webhook on its way: what it says, and how often it has been tried since when."""

    url: str
    params: Mapping[str, str]
    tried: int = 0
    started: float = 0.0
    pause: float = 0.0  # seconds to wait before this attempt


@dataclass(frozen=True)
class Overrides:
    """Twilio's connection overrides (docs/usage/webhooks/webhooks-connection-overrides). Times are in seconds."""

    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})
    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0

    def again(self, answer: Answer) -> bool:
        """Whether the policy asks for another attempt."""
        if answer.ok:
            return False
        kind = answer.fault or f"{(answer.status or 0) // 100}xx"
        return kind in self.policy or ("all" in self.policy and kind in {"4xx", "5xx", "ct", "rt"})


@lru_cache(maxsize=1024)
def read_overrides(fragment: str) -> Overrides:
    """The overrides in a URL's fragment, defaults for what it does not say or says wrongly."""
    values = dict(parse_qsl(fragment))
    return Overrides(
        retries=_bounded(values.get("rc"), 1, 0, 5),
        policy=frozenset((values.get("rp") or "ct").split(",")),
        connect=_bounded(values.get("ct"), 5000, 100, 10_000) / 1000,
        read=_bounded(values.get("rt"), 15_000, 100, 15_000) / 1000,
        total=_bounded(values.get("tt"), 15_000, 100, 15_000) / 1000,
    )


def _bounded(text: str | None, default: int, low: int, high: int) -> int:
    return int(text) if text is not None and text.isdigit() and low <= int(text) <= high else default


async def post(
    http: ClientSession, url: str, body: bytes, headers: dict[str, str], *, connect: float = 5.0, total: float = 15.0
) -> Answer:
    """One attempt, no redirects. The URL goes out exactly as it was signed."""
    timeout = ClientTimeout(total=total, sock_connect=connect)
    try:
        async with http.post(
            URL(url, encoded=True), data=body, headers=headers, timeout=timeout, allow_redirects=False
        ) as response:
            return Answer(response.status, response.content_type, await response.read())
    except ClientConnectionError as err:
        return Answer(None, fault="rt" if isinstance(err, asyncio.TimeoutError) else "ct")
    except (TimeoutError, ClientError):
        return Answer(None, fault="rt")
