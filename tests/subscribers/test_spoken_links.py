"""Where the links of a mail lead: to pages in its language."""

import datetime as dt
import re

from peoplelink.outbound.claim import claim
from peoplelink.outbound.models import Content
from peoplelink.outbound.render import Renderer
from peoplelink.outbound.words import LEAVE_TAG
from peoplelink.subscribers import preference_links
from tests.subscribers import people
from tests.subscribers.test_spoken import check


def mails_that_wait(session, config, now):
    """As they would be handed over."""
    session.flush()
    rows = claim(session, "email:urgent", limit=10, lease=dt.timedelta(minutes=1), now=now).rows
    return [
        Renderer(session.get_one(Content, row.content_id), config).message(row, now=now, not_after=0) for row in rows
    ]


def test_the_links_of_a_mail_lead_to_pages_in_its_language_and_its_button_to_leave_to_none(planted, now, config):
    check(planted, "pl", now)
    people.resident(planted, now, people.EMAIL, language="pl")
    mailbox = people.address(planted, now, people.EMAIL)
    delivery = preference_links.send(planted, mailbox, links=people.LINKS, now=now)

    sent = next(mail for mail in mails_that_wait(planted, config, now) if mail.delivery == delivery.public_id)

    assert re.search(r"/preferences/\S+\?lang=pl", sent.body.text)
    assert f"{config.public_url}/preferences?lang=pl" in sent.body.html
    assert sent.substitutions[LEAVE_TAG].endswith("?lang=pl")
    assert "lang" not in sent.headers["List-Unsubscribe"]
