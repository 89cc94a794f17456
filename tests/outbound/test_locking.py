"""Workers that write about the same deliveries at the same time wait for one another; none is thrown out."""

import random
import threading

import pytest

from peoplelink.channels.messages import EventKind, FailureReason, StatusEvent
from peoplelink.outbound import events
from peoplelink.outbound.advance import Move, advance
from peoplelink.outbound.states import DeliveryStatus
from peoplelink.runtime import Listeners
from peoplelink.timing import Timing
from tests.factories import make_address, make_content, make_delivery, make_dispatch


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_results_and_news_about_the_same_rows_do_not_lock_each_other_out(database, now):
    with database.transaction() as session:
        content = make_content(session, make_dispatch(session))
        rows = [
            make_delivery(
                session, make_address(session, value=f"+4474000{index:05}"), content=content,
                status=DeliveryStatus.SENDING, attempt=1,
            )
            for index in range(300)
        ]  # fmt: skip
        ids = {row.public_id: row.id for row in rows}
    faults: list[Exception] = []

    def several(seed, act):
        chance = random.Random(seed)
        for turn in range(6):
            some = chance.sample(list(ids), 200)
            try:
                with database.transaction() as session:
                    act(session, some, turn)
            except Exception as fault:  # noqa: BLE001 - whatever it is, the test shows it
                faults.append(fault)

    def results(session, some, _turn):
        advance(session, [Move(ids[public_id], 1, DeliveryStatus.SENT) for public_id in some], timing=Timing(), now=now)

    def news(session, some, turn):
        told = [
            StatusEvent(
                f"{public_id}:{turn}", public_id, 1, EventKind.FAILED, "SM1", None,
                FailureReason.BAD_ADDRESS, permanent=True,
            )
            for public_id in some
        ]  # fmt: skip
        events.record(session, "twilio", told, now=now, listeners=Listeners(), timing=Timing())

    threads = [threading.Thread(target=several, args=(seed, act)) for seed, act in enumerate([results, news] * 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [str(fault)[:900] for fault in faults] == []
