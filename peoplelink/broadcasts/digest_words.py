"""The words of a digest: those of its broadcasts, one after the other."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import Broadcast, BroadcastContent
from peoplelink.channels.messages import Medium
from peoplelink.languages import gettext as _
from peoplelink.languages import ngettext
from peoplelink.outbound.words import Words


def email(session: Session, broadcast_ids: Sequence[int]) -> Words:
    """One email that tells of these broadcasts, in this order; merge fields stay in it."""
    rows = session.execute(
        select(BroadcastContent.broadcast_id, BroadcastContent.subject, BroadcastContent.body)
        .join(Broadcast, Broadcast.id == BroadcastContent.broadcast_id)
        .where(
            Broadcast.id.in_(broadcast_ids), BroadcastContent.medium == Medium.EMAIL, BroadcastContent.language == "en"
        )
    )
    by_id = {row.broadcast_id: row for row in rows}
    parts = [f"## {by_id[it].subject}\n\n{by_id[it].body}" for it in broadcast_ids]
    number = len(parts)
    subject = ngettext("%(num)s message from People Link", "%(num)s messages from People Link", number)
    lead = _("Here is what is new for you. You asked to get it together in one email.")
    return Words(Medium.EMAIL, "\n\n---\n\n".join([lead, *parts]), subject)
