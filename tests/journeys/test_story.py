"""The whole story on real processes, a real queue and the official clients; and what happens when they are killed."""

import os
import signal
from collections import Counter
from pathlib import Path

import pytest
import requests
from redis import Redis
from sqlalchemy import func, select, text

from peoplelink.db import opened
from peoplelink.demo import joining, sending
from peoplelink.demo.people import make_residents
from peoplelink.demo.scene import Scene
from peoplelink.demo.stage import installation
from peoplelink.demo.story import tell
from peoplelink.demo.tally import Tally
from peoplelink.embedded import secrets
from peoplelink.embedded.run import RUNNING
from peoplelink.outbound.models import Content, Delivery
from peoplelink.outbound.states import DeliveryStatus

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]


@pytest.fixture
def empty_database(databases):
    url = databases.create()
    with opened(url) as database, database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM officers")) == 0
    yield url
    databases.drop(url)


def scene_on(stage, residents):
    said = []
    return Scene(stage, make_residents(residents), Tally(said.append), said.append)


def test_the_whole_story_adds_up(empty_database):
    with installation(segments_per_second=100, database_url=empty_database) as stage:
        scene = scene_on(stage, 60)
        tell(scene)

    assert scene.tally.wrong == []
    assert scene.tally.checked == 16


def children(pid):
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = [int(child) for child in listed]
    return found + [grandchild for child in found for grandchild in children(child)]


def workers_of(pid):
    return [child for child in children(pid) if b"\0worker\0" in Path(f"/proc/{child}/cmdline").read_bytes()]


def standing(database, *which):
    counted = select(Delivery.status, func.count()).where(*which).group_by(Delivery.status)
    with database.read() as session:
        return Counter(dict(session.execute(counted).all()))


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_killed_workers_and_a_flushed_queue_lose_nobody_and_text_nobody_twice(empty_database):
    with installation(segments_per_second=20, database_url=empty_database) as stage, opened(empty_database) as database:
        scene = scene_on(stage, 60)
        joining.join(scene)
        sending.sign_in(scene)
        already = sum(standing(database).values())
        expected = [one.mobile for one in scene.residents if one.mobile and one.zone in {"New Parks", "Coalville"}]
        requests.post(f"{stage.sandbox}/sandbox/faults", json={"latency_ms": 300}, timeout=10).raise_for_status()

        send_text(scene, "A fair on Saturday.", "New Parks", "Coalville")
        for _ in range(3):
            scene.until("messages under way", more_than(under_way(database), database))
            for pid in workers_of(stage.pid):
                os.kill(pid, signal.SIGKILL)
            with Redis.from_url(secrets.read(stage.folder / RUNNING)["REDIS_URL"]) as queue:
                queue.flushall()
        scene.until("all that was waiting to be sent", lambda: _nothing_waits(database, already + len(expected)))
        scene.sandbox.idle()

        texts = [entry["to"] for entry in scene.sandbox.accepted(medium="sms") if "A fair" in entry["body"]]
        outcome = standing(database, Delivery.content.has(Content.text.contains("A fair")))
    in_doubt = outcome[DeliveryStatus.SENDING] + outcome[DeliveryStatus.UNCONFIRMED]
    known = outcome[DeliveryStatus.SENT] + outcome[DeliveryStatus.DELIVERED]
    assert len(texts) == len(set(texts))
    assert set(texts) <= set(expected)
    assert known + in_doubt == outcome.total() == len(expected)
    assert known <= len(texts) <= known + in_doubt
    assert in_doubt > 0  # else nothing was killed in the act, and this shows nothing


def under_way(database):
    return standing(database, Delivery.content.has(Content.text.contains("A fair")))[DeliveryStatus.SENDING]


def more_than(before, database):
    """Whether more is under way than dead workers have left behind, or all of it has gone."""
    return lambda: under_way(database) > before or (not standing(database)[DeliveryStatus.QUEUED] and before > 0)


def send_text(scene, words, *zones):
    draft = scene.officer.submit(
        scene.officer.get("/officer/broadcasts/new"),
        "Check and preview",
        {"Title": "Fair", "Words of the text message": words} | dict.fromkeys(zones, True),
    )
    scene.officer.submit(scene.officer.get(draft.link("Send now")), "Send to")


def _nothing_waits(database, total):
    now = standing(database)
    return now.total() >= total and now[DeliveryStatus.QUEUED] == 0
