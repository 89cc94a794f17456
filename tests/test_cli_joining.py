"""`peoplelink poster` and `peoplelink import`, with the settings of a whole installation."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from peoplelink import clock
from peoplelink.cli import main
from peoplelink.outbound.models import Address
from peoplelink.subscribers import seed
from peoplelink.subscribers.models import SubscriberAddress
from tests.subscribers.imports.lists import file_of, row


@pytest.fixture
def invoke(config, database, database_url, valkey_url, tmp_path, monkeypatch):
    """Run a command on the test's own database, with its zones planted; `typed` is what a person answers."""
    monkeypatch.chdir(tmp_path)
    with database.transaction() as session:
        seed.plant(session, now=clock.now())
    env = {
        "DATABASE_URL": database_url.replace("postgresql+psycopg://", "postgresql://"),
        "REDIS_URL": valkey_url,
        "PEOPLELINK_PUBLIC_URL": config.public_url,
        "PEOPLELINK_SECRET_KEY": config.secret_key,
        "PEOPLELINK_ADDRESS_KEY": config.address_key,
        "PEOPLELINK_PROOF_KEY": config.proof_key,
        "PEOPLELINK_INBOUND_DOMAIN": config.inbound_domain,
        "TWILIO_ACCOUNT_SID": config.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": config.twilio_auth_token,
        "TWILIO_FROM": config.twilio_from,
        "TWILIO_BASE_URL": config.twilio_base_url,
        "SENDGRID_API_KEY": config.sendgrid_api_key,
        "SENDGRID_FROM": config.sendgrid_from,
        "SENDGRID_BASE_URL": config.sendgrid_base_url,
        "SENDGRID_EVENT_PUBLIC_KEY": config.sendgrid_event_public_key,
        "SENDGRID_PARSE_PUBLIC_KEY": config.sendgrid_parse_public_key,
    }

    def run(*arguments, typed=None):
        return CliRunner().invoke(main, arguments, input=typed, env=env)

    return run


def values(database):
    with database.read() as session:
        return set(session.scalars(select(Address.value).join(SubscriberAddress)))


def test_a_poster_is_written_as_a_file_that_stands_alone(invoke, tmp_path):
    result = invoke("poster", "new-parks")

    assert result.exit_code == 0, result.output
    html = (tmp_path / "poster-new-parks.html").read_text()
    assert "JOIN NEWPARKS" in html
    assert "<link" not in html


def test_a_poster_of_no_zone_names_those_there_are(invoke):
    result = invoke("poster", "../narnia")

    assert result.exit_code == 1
    assert "There are: bell-foundry, coalville, new-parks." in result.output


def test_an_import_shows_what_it_would_do_and_asks(invoke, tmp_path, database):
    path = tmp_path / "people.csv"
    path.write_bytes(file_of(row(), row("07700 900124", source="")))

    declined = invoke("import", str(path), typed="n\n")

    assert declined.exit_code == 1
    assert "1 can be imported, 1 are refused" in declined.output
    assert "line 3: The source of the consent is missing." in declined.output
    assert values(database) == set()
    agreed = invoke("import", str(path), "--refused", "refused.csv", typed="y\n")
    assert agreed.exit_code == 0, agreed.output
    assert "1 signed up, 1 refused" in agreed.output
    assert values(database) == {"+447700900123"}
    assert "The source of the consent is missing." in (tmp_path / "refused.csv").read_text()


def test_a_file_that_is_no_list_gets_a_sentence(invoke, tmp_path):
    (tmp_path / "people.csv").write_bytes(b"name\nSam\n")

    result = invoke("import", "people.csv", "--yes")

    assert result.exit_code == 1
    assert "did not find: mobile or email, zones" in result.output
    assert "Traceback" not in result.output
