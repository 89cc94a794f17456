"""What residents and officers do, through the pages, webhooks and services that they do it by."""

import datetime as dt
import io
import itertools

from sqlalchemy import select

from peoplelink.app import PARTS
from peoplelink.broadcasts import services as broadcasts
from peoplelink.broadcasts.checks import Draft
from peoplelink.config import KeywordMode
from peoplelink.inbound.models import Conversation
from peoplelink.outbound.models import Address
from peoplelink.rights import erasing, finding
from peoplelink.subscribers import consent, robots
from peoplelink.subscribers.models import Zone
from tests.pages import soup
from tests.subscribers.imports.lists import file_of, row

ZONES = {"new-parks": "New Parks", "coalville": "Coalville"}
_clients = itertools.count(1)
_TWILIOS_OWN = {"STOP": "STOP", "START": "START", "UNSTOP": "START", "YES": "START", "HELP": "HELP"}


class Residents:
    """People with a phone and a browser."""

    def __init__(self, site):
        self.site = site

    # By text and mail

    def text(self, number, words):
        opt_out = _TWILIOS_OWN.get(words.strip().upper()) if self.site.mode is KeywordMode.ADVANCED else None
        fields = {"OptOutType": opt_out} if opt_out else {}
        assert self.site.provider.text(words, sender=number, **fields).status_code == 200
        self.site.work()

    def mail(self, mailbox, words, *, subject="Re: News"):
        assert self.site.provider.mail(words.encode(), sender=mailbox, subject=subject).status_code == 200
        self.site.work()

    def report_spam(self, letter):
        event = {"event": "spamreport", "sg_event_id": f"spam-{letter.delivery}", "email": letter.to, "timestamp": 1}
        self.site.provider.events(event | {"pl_delivery": letter.delivery, "pl_attempt": "1"})
        self.site.work()

    def is_blocked_at_the_provider(self, letter):
        """Twilio says so in the receipt of a text (21610)."""
        self.site.provider.status(letter.delivery, "failed", ErrorCode="21610")
        self.site.work()

    # On the website

    def fills_in_the_form(self, *, name, zones, mobile=None, email=None):
        answer = self.site.post(
            "/join", name=name, zones=list(zones), mobile=mobile, email=email, old_enough="y", opened=self._mark()
        )
        assert answer.status_code == 303, soup(answer).text
        self.site.work()

    def asks_again(self, address):
        # Each from a client of its own: this page limits them by the real clock.
        remote = f"192.0.2.{next(_clients) % 250}"
        answer = self.site.post("/join/again", contact=address, opened=self._mark(0), remote=remote)
        assert answer.status_code == 303
        self.site.work()

    def presses(self, path):
        """The button behind the link in a mail: looking at the page changes nothing."""
        self.site.get(path)
        self.site.work()
        answer = self.site.post(path)
        self.site.work()
        return answer.status_code == 303

    def one_click(self, letter):
        answer = self.site.browser.post(letter.leave, data={"List-Unsubscribe": "One-Click"})
        self.site.work()
        return answer.status_code == 200

    def page_of(self, address, person, *, shared):
        """The path of somebody's own page, by a link that they ask for; None where none comes."""
        assert self.site.post("/preferences", address=address).status_code == 303
        self.site.work()
        letters = self.site.wire.take()
        assert {letter.to for letter in letters} <= {address}, letters
        link = next((letter.page for letter in letters if letter.page), None)
        return link and self._seat(link, person.name or "Somebody who gave no name", shared=shared)

    def changes(self, page, part, **fields):
        answer = self.site.post(f"{page}/{part}", **fields)
        self.site.work()
        return answer.status_code == 303

    def _seat(self, link, name, *, shared):
        anchors = soup(self.site.get(link)).main.find_all("a")
        if shared:
            return next(anchor["href"] for anchor in anchors if anchor.text == name)
        return next(anchor["href"] for anchor in anchors if anchor["href"].endswith("/leave")).removesuffix("/leave")

    def _mark(self, wording_id=None):
        site = self.site
        with site.parts.database.read() as session:
            wording_id = consent.wording(session, "web-form").id if wording_id is None else wording_id
        marks = robots.FormMarks(site.parts.config.secret_keys)
        return marks.make(wording_id, now=site.clock.now() - dt.timedelta(minutes=1))


class Office:
    """An officer of all zones, who may do everything."""

    def __init__(self, site):
        self.site = site

    def signs_up(self, *, name, zones, mobile=None, email=None):
        """Face to face."""
        fields = {"name": name, "zones": list(zones), "mobile": mobile, "email": email, "where": "At the fair"}
        answer = self.site.post("/officer/sign-up", by_officer=True, old_enough="y", agreed="y", **fields)
        assert answer.status_code == 303, soup(answer).text
        self.site.work()

    def imports(self, rows, *, asks):
        """A file of (name, zones, mobile, email), looked at and started."""
        lines = [
            row(mobile or "", email or "", name=name or "", zones="; ".join(ZONES[slug] for slug in zones))
            for name, zones, mobile, email in rows
        ]
        file = (io.BytesIO(file_of(*lines)), f"people-{self.site.clock.now():%j%H%M}.csv")
        answer = self.site.post("/officer/imports", by_officer=True, file=file, consent=None if asks else "given")
        assert answer.status_code == 303, soup(answer).text
        self.site.work()
        assert self.site.post(f"{answer.headers['Location']}/start", by_officer=True).status_code == 303
        self.site.work()

    def stops_writing(self, address, because):
        """On the page of a conversation with them; False where they never wrote anything."""
        with self.site.parts.database.read() as session:
            theirs = select(Conversation.public_id).join(Address).where(Address.value == address)
            talk = session.scalars(theirs.order_by(Conversation.id.desc())).first()
        if talk is None:
            return False
        path = f"/officer/conversations/{talk}/stop-writing"
        assert self.site.post(path, by_officer=True, because=because).status_code == 302
        self.site.work()
        return True

    def erases(self, address, name):
        """Whom they find by an address, and by name where several are found."""
        key, now = self.site.parts.config.address_key, self.site.clock.now()
        with self.site.parts.database.transaction() as session:
            found = finding.by_address(session, address, address_key=key, fictional_allowed=True, now=now)
            [person] = [one.person for one in found if one.name == (name or "")]
            quiet = self.site.parts.config.quiet_hours
            erasing.begin(session, person, PARTS, by="officer:x", now=self.site.clock.now(), quiet=quiet)
        self.site.work()

    def broadcasts(self, number, zones):
        words = f"Come to fair{number} on the green."
        with self.site.parts.database.transaction() as session:
            ids = session.scalars(select(Zone.id).where(Zone.slug.in_(zones)))
            draft = Draft(title=f"Fair {number}", zone_ids=tuple(ids), sms=words, subject="A fair", email=words)
            officer, now = self.site.officer, self.site.clock.now()
            made = broadcasts.create_draft(session, draft, by=officer, now=now)
            session.flush()
            broadcasts.send_now(session, made, by=officer, edition=made.edition, now=now)
        self.site.work()
