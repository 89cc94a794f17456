"""A link in words, for whoever looks at a proof in a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from peoplelink.broadcasts.models import ProofLink
from peoplelink.broadcasts.proof.checking import moment

_MANY = 3
"""Deliveries named in a line; of more only the number is told."""


def tell(link: ProofLink) -> list[str]:
    """A line that says what and when, and a line for each fact."""
    facts = link.facts if isinstance(link.facts, dict) else {"unreadable": link.facts}
    head = f"{link.number}. {link.kind.replace('_', ' ')}, {moment(link)}, made with the key {link.key_id}"
    return [head, *(f"   {line}" for name, value in facts.items() for line in _fact(name, value))]


def _fact(name: str, value: Any) -> Iterator[str]:
    name = name.replace("_", " ")
    if isinstance(value, Mapping) and len(value) > _MANY and all(isinstance(one, str) for one in value.values()):
        yield f"{name}: {len(value):,}"
    elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        for one in value:
            yield f"{name}: {_plain(one)}"
    else:
        yield f"{name}: {_plain(value)}"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        said = [f"{str(key).replace('_', ' ')} {_plain(of)}" for key, of in value.items() if of != ""]
        return ", ".join(said) or "none"
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value) or "none"
    return str(value)
