"""Which parts get a stand-in, and which are left to their owner."""

from pathlib import Path

import pytest

from peoplelink.config import Config, ConfigError
from peoplelink.embedded import environment, secrets

REAL_TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_FROM": "+447700900001",
}


@pytest.fixture
def kept(tmp_path):
    return secrets.load_or_make(tmp_path)


def complete(env, kept, folder=Path("var")):
    return environment.complete(env, folder, kept, port=8000, sandbox=8001)


def embedded_parts(completed):
    return {part.name for part in completed.parts if part.embedded}


def test_an_empty_environment_gets_a_stand_in_for_every_part(kept):
    completed = complete({}, kept)

    config = Config.from_env(completed.values)
    assert embedded_parts(completed) == {"Database", "Queue", "Texts", "Email"}
    assert config.sandboxed
    assert config.public_url == "http://127.0.0.1:8000"
    assert config.twilio_base_url == "http://127.0.0.1:8001"


def test_a_part_that_is_set_keeps_its_setting(kept):
    completed = complete({"DATABASE_URL": "postgresql://db.example.org/link"}, kept)

    assert completed.values["DATABASE_URL"] == "postgresql://db.example.org/link"
    assert embedded_parts(completed) == {"Queue", "Texts", "Email"}


def test_a_setting_of_spaces_counts_as_missing(kept):
    assert embedded_parts(complete({"REDIS_URL": "  "}, kept)) == {"Database", "Queue", "Texts", "Email"}


def test_a_partly_set_provider_is_an_error_that_names_what_is_missing(kept):
    completed = complete({"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "PEOPLELINK_PUBLIC_URL": "https://a.test"}, kept)

    with pytest.raises(ConfigError) as raised:
        Config.from_env(completed.values)

    assert any("TWILIO_AUTH_TOKEN" in problem for problem in raised.value.problems)
    assert not any("SENDGRID" in problem for problem in raised.value.problems)


def test_a_real_provider_needs_an_address_that_it_can_reach(kept):
    with pytest.raises(ConfigError, match="PEOPLELINK_PUBLIC_URL"):
        Config.from_env(complete(REAL_TWILIO, kept).values)


def test_fictional_numbers_are_refused_as_soon_as_one_provider_is_real(kept):
    completed = complete(REAL_TWILIO | {"PEOPLELINK_PUBLIC_URL": "https://a.test"}, kept)

    assert not Config.from_env(completed.values).sandboxed


def test_each_part_has_a_line_that_says_what_it_is(kept):
    text = "\n".join(environment.lines(complete({"REDIS_URL": "redis://r.example.org"}, kept).parts))

    assert "Database  SQLite, in var/peoplelink.db" in text
    assert "Queue     as your settings say" in text


def test_secrets_are_made_once(tmp_path):
    assert secrets.load_or_make(tmp_path) == secrets.load_or_make(tmp_path)


def test_only_the_owner_may_read_the_secrets(tmp_path):
    secrets.load_or_make(tmp_path)

    assert (tmp_path / secrets.FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["PEOPLELINK_ADDRESS_KEY", "PEOPLELINK_PROOF_KEY"])
def test_a_secret_that_a_later_version_needs_is_added_to_those_kept(tmp_path, name):
    before = secrets.load_or_make(tmp_path)
    shorter = {kept: value for kept, value in before.items() if kept != name}
    secrets.write(tmp_path / secrets.FILE, shorter)

    after = secrets.load_or_make(tmp_path)

    assert after["PEOPLELINK_SECRET_KEY"] == before["PEOPLELINK_SECRET_KEY"]
    assert len(after[name]) == 64
