"""Is a broadcast still what its proof says? Every difference in plain words, and what lawfully came after the end."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import Broadcast, BroadcastStatus, ProofKind, ProofLink
from peoplelink.broadcasts.proof import chain, checking, kept, rows
from peoplelink.broadcasts.proof.comparing import Change, Difference, Noted, differences, noted
from peoplelink.broadcasts.proof.kept import Kept
from peoplelink.broadcasts.proof.rows import Row
from peoplelink.broadcasts.proof.trusting import trusted

_NAMED = 10
"""Deliveries named one by one in a sentence; the rest are counted."""
_UNSENT = (BroadcastStatus.DRAFT, BroadcastStatus.SUBMITTED)
_SENTENCES = {
    Change.ADDED: "{n} added since the release",
    Change.REMOVED: "{n} taken away since the release, and no link says that they were erased",
    Change.REPLACED: "{n} changed since the release: another address, other words, or another id",
    Change.BEFORE_END: "A thousand deliveries or fewer do not hold the same people at the end as at the release ({n})",
}


@dataclass(frozen=True)
class Verdict:
    """What came of checking a proof."""

    links: int
    head: str
    """"" without a link."""
    problems: list[str]
    """What was changed, in plain words; empty if nothing was."""
    notes: list[str]
    """What else to know, such as receipts that came after the end."""


def verify(session: Session, broadcast: Broadcast, *, head: str | None = None) -> Verdict:
    """Check everything that the proof of a broadcast speaks of. `head` is one that left the house, in an email.

    The session reads one snapshot, and knows the keys.
    """
    proof = trusted(session, broadcast)
    if not proof.links:
        return _without_proof(broadcast, head)
    problems = [*proof.problems, *_head(proof.links, head)]
    problems += checking.check(session, broadcast, proof)
    problems += _differed(proof.sound)
    history = noted(proof.sound)
    if proof.lists_hold and checking.has_its_dispatch(session, broadcast, proof.sound):
        problems += _in_words(_compared(session, broadcast, history))
    elif not proof.lists_hold:
        problems.append("So the deliveries cannot be compared one by one with what they were.")
    return Verdict(len(proof.links), proof.links[-1].link, problems, list(_notes(proof.sound, history, head)))


def _without_proof(broadcast: Broadcast, head: str | None) -> Verdict:
    if broadcast.status in _UNSENT and head is None:
        return Verdict(0, "", [], ["It has not been sent yet: there is nothing to prove."])
    said = "There is no proof of it: its links were taken away, or it was sent before proofs were kept."
    return Verdict(0, "", [said], [])


def _head(links: Sequence[ProofLink], head: str | None) -> Iterator[str]:
    if head is not None and head not in {link.link for link in links}:
        yield "The proof does not lead to the head you gave: links were changed, replaced or taken away."


def _differed(links: Sequence[ProofLink]) -> Iterator[str]:
    for link in links:
        if link.kind is ProofKind.ROWS_CHANGED and link.facts.get("differed"):
            some = ", ".join(link.facts["differences"])
            yield f"Before deliveries were taken away by {chain.name(link)}, some had been changed already: {some}."


def _compared(session: Session, broadcast: Broadcast, history: Noted) -> Iterator[Difference]:
    last = len(kept.ends(session, broadcast.id))
    if not last or broadcast.dispatch_id is None:
        return
    found = rows.read(session, broadcast.dispatch_id)
    waiting: Row | None = None
    for proven in kept.in_force(session, broadcast.id):
        part = [waiting] if waiting is not None and _belongs(waiting, proven, last) else []
        if waiting is None or part:
            waiting = None
            for row in found:
                if not _belongs(row, proven, last):
                    waiting = row
                    break
                part.append(row)
        yield from differences(proven, part, history)


def _belongs(row: Row, proven: Kept, last: int) -> bool:
    return proven.number == last or row.id <= proven.up_to


def _in_words(found: Iterable[Difference]) -> Iterator[str]:
    """A sentence for each kind of change; a delivery that was moved says from where to where."""
    by_change: dict[Change, list[Difference]] = defaultdict(list)
    counted: dict[Change, int] = defaultdict(int)
    for one in found:
        counted[one.change] += 1
        if len(by_change[one.change]) < _NAMED:
            by_change[one.change].append(one)
    for change, some in by_change.items():
        if change is Change.MOVED:
            yield from (_moved(one) for one in some)
        else:
            yield _SENTENCES[change].format(n=_deliveries(counted[change])) + _named(some) + "."
        if change is Change.MOVED and counted[change] > len(some):
            yield f"{_deliveries(counted[change] - len(some))} more are in another state than at the end."


def _moved(one: Difference) -> str:
    return f"Delivery {one.delivery} was “{_state(one.was)}” at the end, and says “{_state(one.now)}” now."


def _named(some: Sequence[Difference]) -> str:
    names = [one.delivery for one in some if one.delivery]
    return f": {', '.join(names)}" if names else ""


def _deliveries(number: int) -> str:
    return "1 delivery" if number == 1 else f"{number:,} deliveries"


def _state(state: str) -> str:
    return state.replace("_", " ").replace(":", ": ")


def _notes(links: Sequence[ProofLink], history: Noted, head: str | None) -> Iterator[str]:
    for link in links:
        if head is not None and link.link == head:
            yield f"The head you gave is {chain.name(link)}, of {checking.moment(link)}."
        if link.kind is ProofKind.ROWS_CHANGED:
            yield from _erased(link)
    if history.states:
        late = [link for link in links if link.kind is ProofKind.LATE]
        yield (
            f"{_deliveries(len(history.states))} moved on after the end, by news of their own "
            f"({_links(late)}): that is no change of the past."
        )
    if not any(link.kind is ProofKind.FINISHED for link in links):
        yield "It has not finished: what becomes of each delivery is not fixed yet."


def _erased(link: ProofLink) -> Iterator[str]:
    gone = link.facts["before"] - link.facts.get("after", 0)
    done = f"{_deliveries(gone)} taken away" if gone else "deliveries changed"
    yield f"{chain.name(link)}: {done} ({link.facts['because']}), {checking.moment(link)}."


def _links(some: Iterable[ProofLink]) -> str:
    numbers = [str(link.number) for link in some]
    return f"link {numbers[0]}" if len(numbers) == 1 else f"links {', '.join(numbers)}"
