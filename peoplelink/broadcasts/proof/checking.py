"""A broadcast's own rows against the links of its proof: words, people it was for, counts, approvals, moments."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import Broadcast, BroadcastStatus, ProofKind, ProofLink
from peoplelink.broadcasts.proof import events
from peoplelink.broadcasts.proof.trusting import Trusted
from peoplelink.outbound.models import Dispatch

_NEEDS = {
    BroadcastStatus.APPROVED: (ProofKind.APPROVED,),
    BroadcastStatus.RELEASING: (ProofKind.SENT,),
    BroadcastStatus.SENDING: (ProofKind.SENT, ProofKind.FROZEN, ProofKind.RELEASED),
    BroadcastStatus.PAUSED: (ProofKind.SENT, ProofKind.PAUSED),
    BroadcastStatus.SENT_OUT: (ProofKind.SENT, ProofKind.FROZEN, ProofKind.RELEASED),
    BroadcastStatus.FINISHED: (ProofKind.SENT, ProofKind.FROZEN, ProofKind.RELEASED, ProofKind.FINISHED),
    BroadcastStatus.CANCELLED: (ProofKind.CANCELLED,),
}
_OVER = frozenset({BroadcastStatus.FINISHED, BroadcastStatus.CANCELLED})

_MEDIUM = {"sms": "text message", "email": "email"}
_WHEN = {
    "scheduled_for": "When it was to go out",
    "expires_at": "Until when it was of use",
    "ignores_quiet_hours": "Whether it might go out in quiet hours",
    "ignores_quiet_because": "The reason why it might go out in quiet hours",
}
_DISPATCH = {
    "purpose": "What the messages were for",
    "urgency": "How urgent the messages were",
    "created_at": "When the messages were made",
}


def check(session: Session, broadcast: Broadcast, proof: Trusted) -> Iterator[str]:
    """What is not as the links say, in plain words."""
    newest = {link.kind: link for link in proof.sound}
    yield from _status(broadcast, {link.kind: link for link in proof.links})
    if ProofKind.SENT in newest:
        yield from _sent(session, broadcast, newest[ProofKind.SENT])
    if ProofKind.APPROVED in newest:
        yield from _approval(session, broadcast, newest)
    if ProofKind.FROZEN in newest:
        yield from _frozen(session, broadcast, newest[ProofKind.FROZEN])
    if ProofKind.RELEASED in newest:
        yield from _released(broadcast, newest[ProofKind.RELEASED])
    yield from _ending(session, broadcast, newest)


def _status(broadcast: Broadcast, newest: Mapping[ProofKind, ProofLink]) -> Iterator[str]:
    missing = [kind for kind in _NEEDS.get(broadcast.status, ()) if kind not in newest]
    for kind in missing:
        yield f"The broadcast says “{_words(broadcast.status)}”, and no link says “{_words(kind)}”."
    end, again = newest.get(ProofKind.FINISHED), newest.get(ProofKind.RETRIED)
    if end is None or (again is not None and again.number > end.number):
        return
    if broadcast.status is not _at_end(newest):
        yield f"It had ended, and the broadcast says “{_words(broadcast.status)}”."


def _at_end(newest: Mapping[ProofKind, ProofLink]) -> BroadcastStatus:
    return BroadcastStatus.CANCELLED if ProofKind.CANCELLED in newest else BroadcastStatus.FINISHED


def _sent(session: Session, broadcast: Broadcast, link: ProofLink) -> Iterator[str]:
    said, found = link.facts, events.draft(broadcast)
    if found["title"] != said["title"]:
        yield f"The title has been changed. It was “{said['title']}”."
    yield from _written(said["words"], found["words"])
    if found["importance"] != said.get("importance", "ordinary"):  # links made before there was any say nothing of it
        yield f"How important it was has been changed. It was {said.get('importance', 'ordinary')}."
    yield from _times(said.get("when", {}), events.plain(found["when"]))
    for name in ("zones", "topics"):
        if _ids(found[name]) != _ids(said[name]):
            was = ", ".join(one["name"] for one in said[name]) or "all of them"
            yield f"The {name} it was for have been changed. They were: {was}."
    if broadcast.sent_by is None or broadcast.sent_by.public_id != said["by"]:
        yield f"Who sent it has been changed. It was officer {said['by']}."
    signatures = events.signatures(session, broadcast)
    if signatures["written_by"] != said["written_by"]:
        yield f"Who wrote it has been changed. It was officer {said['written_by']}."
    if signatures["approval"] != said["approval"]:
        yield f"The approval has been changed. It was: {said['approval']}."


def _times(said: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    for name in said:  # links made before times were sealed say nothing of them
        if found[name] != said[name]:
            was = {None: "not set", True: "yes", False: "no"}.get(said[name], said[name])
            yield f"{_WHEN[name]} has been changed. It was: {was}."


def _written(said: Sequence[Mapping[str, str]], found: Sequence[Mapping[str, str]]) -> Iterator[str]:
    was, now = ({(one["medium"], one["language"]): one for one in words} for words in (said, found))
    for medium, language in sorted(was.keys() | now.keys()):
        name = f"{_MEDIUM.get(medium, medium)} ({language})"
        if (medium, language) not in now:
            yield f"The {name} has been taken away."
        elif (medium, language) not in was:
            yield f"The {name} has been added: it was never sent."
        else:
            before, after = was[medium, language], now[medium, language]
            if before["subject"] != after["subject"]:
                yield f"The subject of the {name} has been changed since it was sent."
            if before["body"] != after["body"]:
                yield f"The words of the {name} have been changed since it was sent."


def _approval(session: Session, broadcast: Broadcast, newest: Mapping[ProofKind, ProofLink]) -> Iterator[str]:
    approved, voided = newest[ProofKind.APPROVED], newest.get(ProofKind.APPROVAL_VOIDED)
    if voided is not None and voided.number > approved.number:
        return
    by = approved.facts.get("by")
    if events.signatures(session, broadcast)["approval"] != by:
        yield f"Who approved it has been changed. It was officer {by}."


def _frozen(session: Session, broadcast: Broadcast, link: ProofLink) -> Iterator[str]:
    if broadcast.left_out != link.facts["left_out"]:
        yield "How many people were left out, and why, has been changed."
    if broadcast.dispatch_id is None:
        yield "The broadcast does not know its deliveries any more."
        return
    said, found = link.facts["dispatch"], events.dispatch(session, broadcast)
    if found["public_id"] != said["public_id"]:
        yield "The broadcast points to the deliveries of something else."
        return
    for name, what in _DISPATCH.items():
        if events.plain(found[name]) != said[name]:
            yield f"{what} has been changed. It was: {said[name]}."
    yield from _contents(link.facts["contents"], events.plain(events.contents(session, broadcast)))


def _contents(said: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    was, now = ({one["id"]: one for one in contents} for contents in (said, found))
    for id_ in sorted(was.keys() | now.keys()):
        one = was.get(id_) or now[id_]
        name = f"{_MEDIUM.get(one['medium'], one['medium'])} ({one['language']}) as it was handed over"
        if id_ not in now:
            yield f"The {name} has been taken away."
        elif id_ not in was:
            yield f"The {name} has been added: it was never sent."
        elif was[id_] != now[id_]:
            changed = [key for key in was[id_] if was[id_][key] != now[id_].get(key)]
            yield f"The {name} has been changed ({', '.join(changed).replace('digest', 'words')})."


def _released(broadcast: Broadcast, link: ProofLink) -> Iterator[str]:
    said = link.facts["recipients"]
    if broadcast.recipients != said:
        was = ", ".join(f"{number:,} by {medium}" for medium, number in sorted(said.items())) or "nobody"
        yield f"The number of people it went to has been changed. It was: {was}."
    if broadcast.released_at != link.made_at:
        yield f"When it was released has been changed. It was {moment(link)}."


def _ending(session: Session, broadcast: Broadcast, newest: Mapping[ProofKind, ProofLink]) -> Iterator[str]:
    end = newest.get(ProofKind.FINISHED)
    if end is not None and broadcast.status in _OVER and broadcast.finished_at != end.made_at:
        yield f"When it finished has been changed. It was {moment(end)}."
    dispatch = session.get(Dispatch, broadcast.dispatch_id) if broadcast.dispatch_id else None
    if dispatch is not None and dispatch.cancelled_at is not None and ProofKind.CANCELLED not in newest:
        yield "Its messages are marked as cancelled, and no link says that anybody cancelled it."


def has_its_dispatch(session: Session, broadcast: Broadcast, links: Sequence[ProofLink]) -> bool:
    """Whether the deliveries it points to are those it was sent with: only then can they be compared."""
    said = [link.facts["dispatch"]["public_id"] for link in links if link.kind is ProofKind.FROZEN]
    if not said or broadcast.dispatch_id is None:
        return False
    return bool(events.dispatch(session, broadcast)["public_id"] == said[-1])


def moment(link: ProofLink) -> str:
    """When a link was made, as a sentence says it."""
    return link.made_at.strftime("%d %B %Y, %H:%M:%S UTC").removeprefix("0")


def _ids(named: Sequence[Mapping[str, Any]]) -> list[int]:
    return sorted(one["id"] for one in named)


def _words(name: str) -> str:
    return name.replace("_", " ")
