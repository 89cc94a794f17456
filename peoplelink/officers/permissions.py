"""Roles, and what each may do. Zones narrow it further: see `Officer.allows`."""

from enum import StrEnum


class Role(StrEnum):
    """What an officer's work is."""

    VIEWER = "viewer"
    COMPOSER = "composer"
    APPROVER = "approver"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"
    CONNECTOR = "connector"  # somebody respected in a zone, who signs up neighbours face to face
    DATA_PROTECTION = "data_protection"  # the data protection officer


SELF = "self"
"""One's own account: every role has it."""

_CONNECT = frozenset({SELF, "residents.sign_up"})
_VIEW = frozenset({SELF, "broadcasts.read"})
_COMPOSE = _VIEW | _CONNECT | {"broadcasts.write", "inbox.read", "inbox.answer"}
_APPROVE = _COMPOSE | {"broadcasts.send"}
_ANALYSE = _VIEW | {"inbox.read", "inbox.answer", "reports.read", "reports.write", "reports.grade"}
_RIGHTS = frozenset({"rights.manage", "retention.manage"})

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.VIEWER: _VIEW,
    Role.COMPOSER: _COMPOSE,
    Role.APPROVER: _APPROVE,
    Role.ANALYST: _ANALYSE,
    Role.ADMINISTRATOR: _APPROVE
    | _ANALYSE
    | _RIGHTS
    | {
        "officers.manage",
        "zones.manage",
        "languages.manage",
        "sending.manage",
        "partners.manage",
        "residents.import",
    },
    Role.CONNECTOR: _CONNECT,
    Role.DATA_PROTECTION: _VIEW | _RIGHTS,
}
"""A permission that stands under no role is allowed to nobody."""
