"""Accounts: adding, signing in, passwords, and what each role may do."""

import datetime as dt
import subprocess
import sys

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.errors import InvalidInputError
from peoplelink.officers import passwords, services
from peoplelink.officers.models import Officer, Role
from peoplelink.officers.permissions import PERMISSIONS
from tests.factories import add_noise, make_officer, make_zone

PASSWORD = "three odd words here"
ALL = {
    "self", "residents.sign_up", "residents.import", "partners.manage",
    "broadcasts.read", "broadcasts.write", "broadcasts.send", "inbox.read", "inbox.answer",
    "reports.read", "reports.write", "reports.grade", "officers.manage", "zones.manage", "sending.manage",
    "languages.manage", "rights.manage", "retention.manage",
}  # fmt: skip


def create(session, now, **columns):
    defaults = {
        "name": "An Officer", "email": "Officer@Example.org", "password": PASSWORD, "role": Role.COMPOSER,
        "all_zones": True, "now": now,
    }  # fmt: skip
    return services.create(session, **defaults | columns)


def test_an_officer_who_was_added_can_sign_in_in_any_case_of_their_email(session, now):
    officer = create(session, now, mobile="07700 900123")

    found = services.authenticate(session, " OFFICER@example.ORG ", PASSWORD, now=now + dt.timedelta(days=1))

    assert found is officer
    assert (officer.email, officer.mobile) == ("officer@example.org", "+447700900123")
    assert officer.signed_in_at == now + dt.timedelta(days=1)
    assert PASSWORD not in officer.password_hash
    assert officer.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("officer@example.org", "three odd words there"),
        ("nobody@example.org", PASSWORD),
        ("", ""),
        ("officer@example.org", ""),
    ],
)
def test_a_wrong_email_or_password_signs_nobody_in(session, now, email, password):
    create(session, now)

    assert services.authenticate(session, email, password, now=now) is None


def test_an_account_that_is_switched_off_signs_nobody_in(session, now):
    create(session, now).active = False

    assert services.authenticate(session, "officer@example.org", PASSWORD, now=now) is None


@pytest.fixture
def full_cost(monkeypatch):
    """Hashes as the product makes them; other tests make cheap ones."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher())
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


def test_the_product_hashes_at_the_cost_that_rfc_9106_asks_of_small_servers():
    made = subprocess.run(
        [sys.executable, "-c", f"from peoplelink.officers import passwords; print(passwords.hashed({PASSWORD!r}))"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip

    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_an_unknown_account_costs_the_same_work_as_a_wrong_password(session, now, monkeypatch, full_cost):
    create(session, now)
    real, verified = passwords._hasher, []

    class Counting:
        def verify(self, password_hash, password):
            verified.append(password_hash[:30])
            return real.verify(password_hash, password)

        hash = staticmethod(real.hash)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    services.authenticate(session, "officer@example.org", "wrong", now=now)
    services.authenticate(session, "nobody@example.org", "wrong", now=now)

    assert len(verified) == 2
    assert verified[0] == verified[1]  # the same algorithm and parameters


def test_a_hash_of_weaker_parameters_is_made_anew_at_sign_in(session, now, full_cost):
    officer = create(session, now)
    officer.password_hash = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)

    services.authenticate(session, officer.email, PASSWORD, now=now)

    assert not passwords.outdated(officer.password_hash)
    assert passwords.matches(officer.password_hash, PASSWORD)


def test_a_second_account_with_the_same_email_is_refused(session, now):
    create(session, now)

    with pytest.raises(services.OfficerExistsError):
        create(session, now, email="OFFICER@example.org")

    assert len(session.scalars(select(Officer).where(Officer.email == "officer@example.org")).all()) == 1


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"password": "elevenchars"}, "at least 12"),
        ({"password": "x" * 12}, "first that people guess"),
        ({"password": "Password1234"}, "first that people guess"),
        ({"password": "i love PeopleLink"}, "Leave the name"),
        ({"password": "abc def " * 40}, "at most 256"),
        ({"email": "officer"}, "Enter an email address"),
        ({"mobile": "12"}, "Enter a UK mobile"),
        ({"name": "  "}, "name"),
    ],
)
def test_what_will_not_do_is_said_in_words(session, now, columns, words):
    with pytest.raises(InvalidInputError, match=words):
        create(session, now, **columns)


def test_the_list_of_common_passwords_holds_only_what_is_long_enough_to_matter():
    assert len(passwords.COMMON) >= 50
    assert all(len(word) >= passwords.MIN_LENGTH and word == word.lower() for word in passwords.COMMON)


def test_a_new_password_ends_older_sessions(session, now):
    officer = create(session, now)
    cookie = officer.get_id()
    assert services.of_session(session, cookie) is officer

    services.set_password(session, officer, "three other words", now=now)

    assert services.of_session(session, cookie) is None
    assert services.of_session(session, officer.get_id()) is officer


@pytest.mark.parametrize("cookie", ["", ":", "x:1", "1", "None:None"])
def test_a_made_up_session_is_nobodys(session, now, cookie):
    create(session, now)

    assert services.of_session(session, cookie) is None


def test_changing_a_password_needs_the_present_one(session, now):
    officer = create(session, now)

    with pytest.raises(services.WrongPasswordError):
        services.change_password(session, officer, present="not this one!", new="three other words", now=now)
    services.change_password(session, officer, present=PASSWORD, new="three other words", now=now)

    assert services.authenticate(session, officer.email, "three other words", now=now) is officer


def test_adding_and_signing_in_are_in_the_audit_log_without_names(session, now):
    officer = create(session, now)
    services.authenticate(session, officer.email, PASSWORD, now=now)

    events = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == officer.public_id).order_by(AuditEvent.id)
    ).all()
    assert [event.action for event in events] == ["officer.added", "officer.signed_in"]
    assert "example.org" not in str([(event.actor, event.detail) for event in events])


# Roles and zones

COMPOSES = {"self", "residents.sign_up", "broadcasts.read", "broadcasts.write", "inbox.read", "inbox.answer"}


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.CONNECTOR, {"self", "residents.sign_up"}),
        (Role.VIEWER, {"self", "broadcasts.read"}),
        (Role.COMPOSER, COMPOSES),
        (Role.APPROVER, COMPOSES | {"broadcasts.send"}),
        (
            Role.ANALYST,
            {"self", "broadcasts.read", "inbox.read", "inbox.answer", "reports.read", "reports.write", "reports.grade"},
        ),
        (Role.ADMINISTRATOR, ALL),
        (Role.DATA_PROTECTION, {"self", "broadcasts.read", "rights.manage", "retention.manage"}),
    ],
)
def test_each_role_may_do_exactly_this(session, role, may):
    officer = make_officer(session, role=role)

    assert {permission for permission in ALL if officer.allows(permission)} == may == PERMISSIONS[role]


def test_nobody_may_do_what_no_role_has(session):
    assert not make_officer(session).allows("broadcasts.delete")


def test_an_account_that_is_switched_off_may_do_nothing(session):
    officer = make_officer(session, active=False)

    assert not any(officer.allows(permission) for permission in ALL)
    assert not officer.is_authenticated


def test_zones_limit_what_an_officer_may_do(session):
    add_noise(session)
    mine, also, other = make_zone(session), make_zone(session), make_zone(session)
    officer = make_officer(session, zones=[mine, also])

    assert officer.scope == {mine.id, also.id}
    assert officer.allows("broadcasts.send", [mine.id, also.id])
    assert not officer.allows("broadcasts.send", [mine.id, other.id])


def test_an_officer_of_all_zones_has_no_limit_and_one_of_none_sees_nothing(session):
    zone = make_zone(session)
    everywhere, nowhere = make_officer(session), make_officer(session, zones=[])

    assert everywhere.scope is None
    assert everywhere.allows("broadcasts.read", [zone.id])
    assert nowhere.scope == frozenset()
    assert not nowhere.allows("broadcasts.read", [zone.id])
