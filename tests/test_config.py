import pytest

from peoplelink.config import Config, ConfigError, KeywordMode, is_loopback, keyring


@pytest.fixture
def env(config):
    return {
        "DATABASE_URL": "postgresql://user:password@127.0.0.1/peoplelink",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "PEOPLELINK_PUBLIC_URL": "https://link.example.org/",
        "PEOPLELINK_SECRET_KEY": "s" * 64,
        "PEOPLELINK_ADDRESS_KEY": "a" * 64,
        "PEOPLELINK_PROOF_KEY": "p" * 64,
        "PEOPLELINK_INBOUND_DOMAIN": "Reply.example.org",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "token",
        "TWILIO_FROM": "+447700900000",
        "SENDGRID_API_KEY": "SG.key",
        "SENDGRID_FROM": "people.link@example.org",
        "SENDGRID_EVENT_PUBLIC_KEY": config.sendgrid_event_public_key,
        "SENDGRID_PARSE_PUBLIC_KEY": config.sendgrid_parse_public_key,
    }


def problems(env):
    with pytest.raises(ConfigError) as caught:
        Config.from_env(env)
    return caught.value.problems


def test_a_whole_environment_is_read(env):
    config = Config.from_env(env)

    assert config.database_url == "postgresql+psycopg://user:password@127.0.0.1/peoplelink"
    assert config.public_url == "https://link.example.org"
    assert config.inbound_domain == "reply.example.org"
    assert config.twilio_keywords is KeywordMode.DEFAULT
    assert config.twilio_segments_per_second == 10
    assert config.secure_cookies
    assert not config.sandboxed


def test_every_missing_setting_is_named_at_once(env):
    said = "\n".join(problems({}))

    for name in env:
        assert name in said, name


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "mysql://x", "postgresql:// or sqlite"),
        ("REDIS_URL", "localhost:6379", "redis://"),
        ("PEOPLELINK_PUBLIC_URL", "link.example.org", "https://"),
        ("PEOPLELINK_PUBLIC_URL", "http://link.example.org", "https://"),
        ("PEOPLELINK_SECRET_KEY", "short", "too short"),
        ("PEOPLELINK_ADDRESS_KEY", "short", "too short"),
        ("PEOPLELINK_PROOF_KEY", "short", "too short"),
        ("PEOPLELINK_TRUSTED_PROXIES", "one", "whole number"),
        ("TWILIO_ACCOUNT_SID", "AC123", "32 hex"),
        ("TWILIO_FROM", "PeopleLink", "+44"),
        ("TWILIO_MESSAGING_SERVICE_SID", "MG1", "32 hex"),
        ("TWILIO_KEYWORDS", "sometimes", "default, advanced or off"),
        ("TWILIO_SEGMENTS_PER_SECOND", "0", "whole number"),
        ("TWILIO_BASE_URL", "http://api.example.org", "https://"),
        ("SENDGRID_FROM", "people link", "email address"),
        ("SENDGRID_EVENT_PUBLIC_KEY", "not a key", "copy it whole"),
        ("SENDGRID_PARSE_PUBLIC_KEY", "bm90IGEga2V5", "copy it whole"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(env, name, value, said):
    found = problems(env | {name: value})

    assert len(found) == 1
    assert name in found[0]
    assert said in found[0]


def test_a_messaging_service_does_instead_of_a_number(env):
    del env["TWILIO_FROM"]

    config = Config.from_env(env | {"TWILIO_MESSAGING_SERVICE_SID": "MG" + "0" * 32})

    assert config.twilio_from is None


def test_postgres_by_its_other_name_is_understood(env):
    url = Config.from_env(env | {"DATABASE_URL": "postgres://u@h/d"}).database_url

    assert url == "postgresql+psycopg://u@h/d"


def test_no_secret_shows_in_a_repr(env):
    older = {"PEOPLELINK_SECRET_KEY_FALLBACKS": "o" * 40, "PEOPLELINK_PROOF_KEY_FALLBACKS": "q" * 40}
    config = Config.from_env(env | older)
    shown = repr(config) + repr(config.keyring)

    for secret in ("s" * 64, "a" * 64, "p" * 64, "o" * 40, "q" * 40, "token", "SG.key", "password"):
        assert secret not in shown


def test_the_newest_proof_key_comes_first(env):
    rotated = env | {"PEOPLELINK_PROOF_KEY_FALLBACKS": f"{'q' * 40} {'r' * 40}"}

    assert Config.from_env(rotated).keyring.proof == ("p" * 64, "q" * 40, "r" * 40)
    assert keyring(rotated) == Config.from_env(rotated).keyring


def test_a_command_that_needs_the_keys_alone_names_those_that_are_missing():
    with pytest.raises(ConfigError) as caught:
        keyring({"PEOPLELINK_ADDRESS_KEY": "a" * 64})

    assert len(caught.value.problems) == 1
    assert "PEOPLELINK_PROOF_KEY" in caught.value.problems[0]


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8001", True),
        ("http://localhost", True),
        ("http://[::1]:8001", True),
        ("https://api.twilio.com", False),
        ("http://127.0.0.1.example.org", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(url, here):
    assert is_loopback(url) is here


def test_fictional_numbers_need_both_providers_to_be_stand_ins(env):
    half = env | {"TWILIO_BASE_URL": "http://127.0.0.1:8001"}

    assert not Config.from_env(half).sandboxed
    assert Config.from_env(half | {"SENDGRID_BASE_URL": "http://127.0.0.1:8001"}).sandboxed
