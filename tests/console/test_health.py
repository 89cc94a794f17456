import dataclasses

import pytest
from redis import Redis

from peoplelink import schema
from peoplelink.app import create_app
from peoplelink.db import Database
from peoplelink.engines import make_engine

SECRET = "open-sesame"


def test_a_process_is_alive_whatever_else_is_away(runtime):
    dead = Redis(host="127.0.0.1", port=9)
    client = create_app(dataclasses.replace(runtime, redis=dead)).test_client()

    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json == {"alive": True}


def test_a_process_with_all_its_parts_is_ready(client):
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json == {"ready": True, "parts": {"database": "ok", "redis": "ok"}}


def test_an_old_schema_is_not_ready(client, runtime, database_url):
    schema.downgrade(database_url)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json["parts"] == {"database": "not migrated: run `peoplelink db upgrade`", "redis": "ok"}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_database_that_is_away_is_named_without_its_secrets(runtime):
    url = f"postgresql+psycopg://peoplelink:{SECRET}@127.0.0.1:9/peoplelink"
    gone = Database(make_engine(url))
    client = create_app(dataclasses.replace(runtime, database=gone)).test_client()

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json["parts"] == {"database": "not reached", "redis": "ok"}
    assert SECRET not in response.text


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_redis_that_is_away_is_named_without_its_secrets(runtime):
    dead = Redis(host="127.0.0.1", port=9, password=SECRET)
    client = create_app(dataclasses.replace(runtime, redis=dead)).test_client()

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json["parts"] == {"database": "ok", "redis": "not reached"}
    assert SECRET not in response.text
