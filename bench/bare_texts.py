"""What our texts are measured against: loops of the official client that keep no record, or one commit a message."""

import asyncio
import queue
import threading
import time
from collections.abc import Mapping
from typing import Any

import uvloop
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session
from twilio.rest import Client  # type: ignore[import-untyped]

from bench.engine import finished
from bench.processes import Meter
from peoplelink.channels.twilio_http import LeanHttpClient
from peoplelink.outbound.models import Address, Delivery
from peoplelink.outbound.states import RANK, DeliveryStatus

_FED_AT_ONCE = 500
_THREADS = 32
_WORDS = (
    "People Link: Hello Neighbour {number}. The litter pick on Saturday starts at 10 at the community centre, bags and "
    "gloves are there. Reply STOP to leave."
)


def bare(order: Mapping[str, Any]) -> dict[str, Any]:
    """`count` texts through the official client's async API on our transport, fed from a queue."""
    meter, began = Meter(order["servers"]), time.monotonic()
    uvloop.run(_bare(order))
    return finished(order["count"], began, meter)


async def _bare(order: Mapping[str, Any]) -> None:
    waiting: asyncio.Queue[dict[str, str] | None] = asyncio.Queue(2 * _FED_AT_ONCE)
    async with LeanHttpClient(timeout=10.0, concurrency=order["concurrency"]) as http:
        client = Client("AC" + "0" * 32, "t" * 32, http_client=http, environment={"NONE": ""})
        client.api.base_url = order["url"]
        senders = [asyncio.create_task(_send(client.messages, waiting)) for _ in range(order["concurrency"])]
        for number in range(order["count"]):
            await waiting.put(_text(number))
        for _ in senders:
            await waiting.put(None)
        await asyncio.gather(*senders)


async def _send(messages: Any, waiting: "asyncio.Queue[dict[str, str] | None]") -> None:
    while (text := await waiting.get()) is not None:
        created = await messages.create_async(**text)
        assert created.sid


def _text(number: int) -> dict[str, str]:
    return {
        "to": f"+44{7400000000 + number}",
        "from_": "+447700900000",
        "body": _WORDS.format(number=number),
        "status_callback": f"http://127.0.0.1:8000/webhooks/twilio/status?d=00000000-0000-4000-8000-{number:012}&a=1"
        "#rc=5&rp=all",
    }


def default(order: Mapping[str, Any]) -> dict[str, Any]:
    """The way most projects do it: the official client as shipped, in 32 threads, and one commit a message."""
    engine = create_engine(order["database"], pool_size=_THREADS)
    client = Client("AC" + "0" * 32, "t" * 32, environment={"NONE": ""})
    client.api.base_url = order["url"]
    with Session(engine) as session:
        rows = session.execute(select(Delivery.id, Address.value).join(Address).limit(order["count"])).all()
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for row in rows:
        waiting.put(row)
    threads = [threading.Thread(target=_send_and_commit, args=(engine, client, waiting)) for _ in range(_THREADS)]
    meter, began = Meter(order["servers"]), time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return finished(len(rows), began, meter)


def _send_and_commit(engine: Any, client: Any, waiting: "queue.SimpleQueue[Any]") -> None:
    while True:
        try:
            row = waiting.get_nowait()
        except queue.Empty:
            return
        text = _text(row.id) | {"to": row.value}
        created = client.messages.create(**text)
        sent = {"status": DeliveryStatus.SENT, "rank": RANK[DeliveryStatus.SENT], "provider_message_id": created.sid}
        with Session(engine) as session:
            session.execute(update(Delivery).where(Delivery.id == row.id).values(sent))
            session.commit()
