"""Two zones with a conversation each, and officers of each reach: what tests of the inbox's pages start from."""

from peoplelink.inbound.models import Conversation
from peoplelink.officers.models import Role
from tests.factories import (
    add_noise,
    make_conversation,
    make_message,
    make_officer,
    make_zone,
)

INBOX = "/officer/inbox"


class Town:
    """Two zones, a conversation in each and one in none, and an officer of each reach."""

    def __init__(self, session):
        add_noise(session)
        self.zone, self.other = make_zone(session, name="New Parks"), make_zone(session, name="Coalville")
        self.here = self._conversation(session, "The lights are out", self.zone)
        self.there = self._conversation(session, "Cars race at night", self.other)
        self.nowhere = self._conversation(session, "Hello from a stranger", None)
        self.local = make_officer(session, zones=[self.zone], role=Role.COMPOSER, name="A Local")
        self.all = make_officer(session, role=Role.ADMINISTRATOR, name="The Head")
        self.viewer = make_officer(session, role=Role.VIEWER)
        self.nobody = make_officer(session, zones=[], role=Role.COMPOSER)

    @staticmethod
    def _conversation(session, words, zone):
        conversation = make_conversation(session, zone=zone)
        make_message(session, conversation, text=words)
        return conversation


def page_of(conversation):
    return f"/officer/conversations/{conversation.public_id}"


def state(look, conversation):
    return look(lambda s: s.get(Conversation, conversation.id))
