"""The query language of SendGrid's Email Logs (spec tsg_logs_v3): conditions joined by AND, no nesting."""

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from peoplelink.sandbox.records import Call, Mail
from peoplelink.sandbox.sendgrid_errors import SendGridRefusalError
from peoplelink.sandbox.state import State

_OPERATORS = {
    "sg_message_id": {"="},
    "subject": {"="},
    "to_email": {"="},
    "status": {"IN"},
    "reason": {"="},
    "categories": {"IN"},
    "sg_message_id_created_at": {">", "<", ">=", "<="},
}
_STRING = r"""(?:'[^']*'|"[^"]*")"""
_CONDITION = re.compile(
    rf"\s*(?P<field>\w+)\s*(?P<operator><=|>=|=|<|>|\bIN\b)\s*"
    rf"(?P<value>\(\s*{_STRING}(?:\s*,\s*{_STRING})*\s*\)|(?:TIMESTAMP\s+)?{_STRING})\s*"
)
_AND = re.compile(r"AND\b")
_COMPARE: dict[str, Callable[[dt.datetime, dt.datetime], bool]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}


@dataclass(frozen=True)
class Condition:
    """One condition: `values` has one member, except with IN."""

    field: str
    operator: str
    values: tuple[str, ...]

    def holds(self, mail: Mail) -> bool:
        """Whether a mail meets it."""
        if self.field == "categories":
            return not set(self.values).isdisjoint(mail.call.categories)
        if self.field == "sg_message_id_created_at":
            return _COMPARE[self.operator](mail.accepted_at, _moment(self.values[0]))
        if self.field == "to_email":
            return mail.to == self.values[0].lower()
        known = {"sg_message_id": mail.id, "subject": mail.subject, "reason": mail.reason, "status": log_status(mail)}
        return known[self.field] in self.values


def read_log_query(query: str) -> tuple[Condition, ...]:
    """Read a query; raises SendGridRefusalError for anything outside the spec."""
    if not query.strip():
        return ()
    conditions, at = [], 0
    while True:
        found = _CONDITION.match(query, at)
        if found is None:
            raise SendGridRefusalError("The query cannot be read", "query")
        conditions.append(_condition(found["field"], found["operator"], found["value"]))
        at = found.end()
        if at == len(query):
            return tuple(conditions)
        joint = _AND.match(query, at)
        if joint is None:
            raise SendGridRefusalError("Conditions can only be joined by AND", "query")
        at = joint.end()


def _condition(field: str, operator: str, value: str) -> Condition:
    if operator not in _OPERATORS.get(field, ()):
        raise SendGridRefusalError("A field or an operator of the query is not allowed", "query")
    values = tuple(text[1:-1] for text in re.findall(_STRING, value))
    if (operator == "IN") is not value.startswith("("):
        raise SendGridRefusalError("IN takes a list, the other operators one value", "query")
    if field == "sg_message_id_created_at":
        _moment(values[0])
    return Condition(field, operator, values)


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as err:
        raise SendGridRefusalError("A TIMESTAMP must be ISO 8601", "query") from err
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def find_mails(state: State, conditions: tuple[Condition, ...], limit: int) -> list[Mail]:
    """The newest mails that meet every condition."""
    meeting = (mail for mail in _candidates(state, conditions) if all(c.holds(mail) for c in conditions))
    return list(itertools.islice(meeting, limit))


def _candidates(state: State, conditions: tuple[Condition, ...]) -> Iterable[Mail]:
    """Newest first, out of the narrowest index that a condition allows."""
    for condition in conditions:
        if condition.field == "to_email":
            thread = state.threads.get(condition.values[0].lower(), [])
            return [entry for entry in reversed(thread) if isinstance(entry, Mail)]
        if condition.field == "categories":
            return _of_calls(state.by_category.get(name, []) for name in condition.values)
    return reversed(state.mails.values())


def _of_calls(lists: Iterable[list[Call]]) -> list[Mail]:
    calls = {call.id: call for listed in lists for call in listed}
    newest = sorted(calls.values(), key=lambda call: call.accepted_at, reverse=True)
    return [mail for call in newest for mail in call.mails]


def log_status(mail: Mail) -> str:
    """The log's word for a mail's state: what has only been accepted counts as processed."""
    return "processed" if mail.status == "accepted" else mail.status


def log_json(mail: Mail) -> dict[str, Any]:
    """A mail as EmailLogsMessage."""
    return {
        "from_email": mail.sender,
        "sg_message_id": mail.id,
        "subject": mail.subject,
        "to_email": mail.to,
        "reason": mail.reason or "",
        "status": log_status(mail),
        "sg_message_id_created_at": mail.accepted_at.isoformat().replace("+00:00", "Z"),
    }
