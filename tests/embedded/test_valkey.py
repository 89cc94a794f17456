"""The queue's server: behind a password, and nothing lost to a kill."""

import shutil
import time

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry

from peoplelink.embedded import valkey


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "redis"


@pytest.fixture
def server(folder):
    started = valkey.start(folder, keep=True)
    yield started
    started.stop()


def test_nobody_gets_in_without_the_password(server):
    with (
        Redis(host="127.0.0.1", port=server.port, retry=Retry(NoBackoff(), 0)) as stranger,
        pytest.raises(AuthenticationError),
    ):
        stranger.ping()


def test_the_password_is_for_the_owner_only(server, folder):
    settings = folder / "server.conf"

    assert server.password in settings.read_text()
    assert settings.stat().st_mode & 0o777 == 0o600
    assert server.password not in repr(server)


def test_what_was_kept_is_there_after_a_stop(server, folder):
    with Redis.from_url(server.url) as connection:
        connection.set("key", "value")
    server.stop()

    again = valkey.start(folder, keep=True)

    with Redis.from_url(again.url) as connection:
        assert connection.get("key") == b"value"
    again.stop()


def test_what_reached_the_disk_is_there_after_a_kill(server, folder):
    with Redis.from_url(server.url) as connection:
        connection.set("key", "value")
        until = time.monotonic() + 10
        while connection.info("persistence")["aof_pending_bio_fsync"] and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(1.2)  # it writes once a second
    server.process.kill()
    server.process.wait()

    again = valkey.start(folder, keep=True)

    with Redis.from_url(again.url) as connection:
        assert connection.get("key") == b"value"
    again.stop()


def test_a_server_that_cannot_start_says_why(folder):
    folder.mkdir()
    (folder / "appendonlydir").write_text("not a folder")

    with pytest.raises(valkey.ValkeyDidNotStartError, match=r"(?i)append"):
        valkey.start(folder, keep=True)


def test_the_binary_of_the_package_is_found_where_the_system_has_none(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)

    assert valkey.find_binary().name == "valkey-server"
