"""The channel that keeps what it is given."""

import asyncio

import pytest

from peoplelink.channels.errors import PermanentError, TemporaryError
from peoplelink.channels.memory import MemoryChannel
from peoplelink.channels.messages import FailureReason, Medium, OutboundMessage, SmsBody


def message(to):
    return OutboundMessage(delivery=f"d-{to}", attempt=1, to=to, body=SmsBody("Hello"))


def send(channel, *batch):
    async def run():
        async with channel:
            return await channel.send(batch)

    return asyncio.run(run())


def test_it_keeps_messages_in_order_and_gives_each_an_id():
    channel = MemoryChannel()

    first, second = send(channel, message("+447700900001")), send(channel, message("+447700900002"))

    assert [kept.to for kept in channel.sent] == ["+447700900001", "+447700900002"]
    assert first[0].provider_message_id != second[0].provider_message_id


def test_it_fails_the_addresses_it_was_told_to_until_told_otherwise():
    channel = MemoryChannel()
    channel.answer("+447700900001", PermanentError(reason=FailureReason.BAD_ADDRESS))

    with pytest.raises(PermanentError):
        send(channel, message("+447700900001"))
    channel.answer("+447700900001", None)
    send(channel, message("+447700900001"))

    assert (len(channel.sent), channel.calls) == (1, 2)


def test_a_batch_goes_out_or_fails_as_a_whole():
    channel = MemoryChannel(Medium.EMAIL, batch_size=1000)
    channel.answer("b@example.org", TemporaryError(retry_after=5))

    with pytest.raises(TemporaryError):
        send(channel, message("a@example.org"), message("b@example.org"))
    results = send(channel, message("a@example.org"), message("c@example.org"))

    assert [kept.to for kept in channel.sent] == ["a@example.org", "c@example.org"]
    assert len({result.call_id for result in results}) == 1
