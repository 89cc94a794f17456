"""`peoplelink proof`, on a real database: what it shows, what it finds, and how it ends."""

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from peoplelink.cli import main
from tests.broadcasts.proof import story
from tests.factories import make_broadcast


@pytest.fixture
def broadcast(change):
    return change(story.finished)


@pytest.fixture
def invoke(database_url, config, tmp_path, monkeypatch):
    """Run a command on the test's own database, with its keys."""
    monkeypatch.chdir(tmp_path)
    shown_url = database_url.replace("postgresql+psycopg://", "postgresql://")
    keys = {"PEOPLELINK_ADDRESS_KEY": config.address_key, "PEOPLELINK_PROOF_KEY": config.proof_key}

    def run(*arguments, **env):
        return CliRunner().invoke(main, ["proof", *arguments], env={"DATABASE_URL": shown_url, **keys, **env})

    return run


def head_of(result):
    return result.output.split()[-1].rstrip(".")


def test_a_proof_is_shown_link_by_link(invoke, broadcast):
    result = invoke("show", broadcast.public_id)

    assert result.exit_code == 0
    for said in ("1. sent, 21 March 2026", "body A fair on Saturday.", "approval: off: a single officer",
                 "name New Parks", "4. finished", "Head: "):  # fmt: skip
        assert said in result.output
    assert len(head_of(result)) == 64


def test_showing_needs_no_key(invoke, broadcast):
    assert invoke("show", broadcast.public_id, PEOPLELINK_PROOF_KEY="").exit_code == 0


def test_a_broadcast_that_nobody_touched_verifies(invoke, broadcast):
    head = head_of(invoke("show", broadcast.public_id))

    result = invoke("verify", broadcast.public_id.upper(), "--head", f" {head.upper()} ")

    assert result.exit_code == 0
    assert f"Nothing was changed: 4 links, head {head}." in result.output
    assert "The head you gave is Link 4 (finished)" in result.output


def test_what_was_changed_is_said_and_ends_with_1(invoke, broadcast, change):
    change(lambda session: session.execute(text("UPDATE broadcasts SET title = 'x', recipients = '{}'")))

    result = invoke("verify", broadcast.public_id)

    assert result.exit_code == 1
    assert "CHANGED: The title has been changed. It was “A fair”." in result.output
    assert "CHANGED: The number of people it went to has been changed." in result.output
    assert "Nothing was changed" not in result.output


def test_the_head_of_something_else_ends_with_1(invoke, broadcast):
    result = invoke("verify", broadcast.public_id, "--head", "0" * 64)

    assert result.exit_code == 1
    assert "does not lead to the head you gave" in result.output


@pytest.mark.parametrize("head", ["abc", "x" * 64, "0" * 63])
def test_a_head_that_was_cut_short_is_a_sentence(invoke, broadcast, head):
    result = invoke("verify", broadcast.public_id, "--head", head)

    assert result.exit_code == 2
    assert "64 letters and digits from the email" in result.output


def test_a_missing_key_is_asked_for(invoke, broadcast):
    result = invoke("verify", broadcast.public_id, PEOPLELINK_PROOF_KEY="")

    assert result.exit_code == 1
    assert "Set PEOPLELINK_PROOF_KEY" in result.output


def test_another_key_proves_nothing(invoke, broadcast):
    result = invoke("verify", broadcast.public_id, PEOPLELINK_PROOF_KEY="n" * 64)

    assert result.exit_code == 1
    assert "cannot be checked" in result.output


@pytest.mark.parametrize("command", ["show", "verify"])
def test_an_unknown_broadcast_is_a_sentence(invoke, database, command):
    result = invoke(command, "no-such-thing")

    assert result.exit_code == 1
    assert "There is no broadcast with this id" in result.output


def test_a_draft_has_no_proof_yet(invoke, change):
    draft = change(make_broadcast)

    assert "It has no proof yet" in invoke("show", draft.public_id).output
    verified = invoke("verify", draft.public_id)
    assert verified.exit_code == 0
    assert "nothing to prove" in verified.output


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("column", ["broadcast_proofs SET facts", "broadcasts SET left_out"])
def test_what_cannot_even_be_read_was_changed(invoke, broadcast, change, column):
    change(lambda session: session.execute(text(f"UPDATE {column} = 'garbage'")))

    result = invoke("verify", broadcast.public_id)

    assert result.exit_code == 1
    assert "cannot be read: it was changed by hand" in result.output
