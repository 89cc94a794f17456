"""Signed links that residents are sent, and the addresses of pages that texts mention."""

from dataclasses import dataclass, field
from typing import Self

from peoplelink import keys
from peoplelink.config import Config
from peoplelink.languages import current, page_in
from peoplelink.outbound.models import Address
from peoplelink.outbound.render import LEAVE
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.models import SignUp, Subscriber, Zone

CONFIRM_DAYS = 14
"""How long a sign-up waits to be confirmed: as long as a holiday; a mail found later is no open door."""
_CONFIRM, _WAIT = "confirm", "wait"
PREFERENCES_HOURS = 24
"""How long the link to the preference centre works. It lies open in an inbox, and another is a minute away."""
_PREFERENCES = "preferences"
MY_DATA_HOURS = 24
"""How long the link works by which residents see what is held about them."""
_MY_DATA = "export"


@dataclass(frozen=True)
class Links:
    """What making and reading links needs. The newest of the keys signs, all of them verify."""

    public_url: str
    secret_keys: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, config: Config) -> Self:
        """As an installation makes them."""
        return cls(config.public_url, config.secret_keys)

    @property
    def privacy(self) -> str:
        """The privacy page."""
        return f"{self.public_url}/privacy"

    @property
    def join(self) -> str:
        """The sign-up page."""
        return f"{self.public_url}/join"

    @property
    def ask_for_preferences(self) -> str:
        """The page that sends a resident the link to their own."""
        return f"{self.public_url}/preferences"

    def preferences(self, address: Address) -> str:
        """The link by which whoever reads an address changes what those who live there get; it runs out."""
        token = keys.sign_until(self.secret_keys, _PREFERENCES, address.public_id)
        return self._in_words_of_now(f"preferences/{token}")

    def read_preferences(self, token: str) -> str:
        """The public id of the address in a token for the preference centre; raises keys.BadTokenError."""
        return keys.unsign_within(self.secret_keys, _PREFERENCES, token, seconds=PREFERENCES_HOURS * 3600)

    def confirm(self, sign_up: SignUp, address: Address) -> str:
        """The link by which the owner of a mailbox confirms a sign-up, in the language of the form; it runs out."""
        token = keys.sign_until(self.secret_keys, _CONFIRM, f"{sign_up.public_id}:{address.public_id}")
        return page_in(f"{self.public_url}/confirm/{token}", sign_up.language)

    def read_confirm(self, token: str) -> tuple[str, str]:
        """The public ids of sign-up and address in a confirmation token; raises keys.BadTokenError."""
        return _two(keys.unsign_within(self.secret_keys, _CONFIRM, token, seconds=CONFIRM_DAYS * 24 * 3600))

    def join_zone(self, zone: Zone) -> str:
        """The sign-up page with a zone ticked."""
        return f"{self.join}?zone={zone.slug}"

    def wait(self, row: Waiting) -> str:
        """The link by which the owner of a mailbox confirms that they wait for a zone; it runs out."""
        return self._in_words_of_now(f"wait/{keys.sign_until(self.secret_keys, _WAIT, row.public_id)}")

    def read_wait(self, token: str) -> str:
        """The public id in a token made by `wait`; raises keys.BadTokenError."""
        return keys.unsign_within(self.secret_keys, _WAIT, token, seconds=CONFIRM_DAYS * 24 * 3600)

    def my_data(self, subscriber: Subscriber, address: Address) -> str:
        """The page on which a resident, by an address of theirs, sees and takes away what is held; it runs out."""
        token = keys.sign_until(self.secret_keys, _MY_DATA, f"{subscriber.public_id}:{address.public_id}")
        return self._in_words_of_now(f"my-data/{token}")

    def read_my_data(self, token: str) -> tuple[str, str]:
        """The public ids of resident and address in such a token; raises keys.BadTokenError."""
        return _two(keys.unsign_within(self.secret_keys, _MY_DATA, token, seconds=MY_DATA_HOURS * 3600))

    def _in_words_of_now(self, path: str) -> str:
        """The page that a message leads to, in the language of the message."""
        return page_in(f"{self.public_url}/{path}", current().code)

    def read_leave(self, token: str) -> str:
        """The public id of the address in a token for leaving, made by render.leave_url; raises keys.BadTokenError."""
        return keys.unsign(self.secret_keys, LEAVE, token)


def _two(value: str) -> tuple[str, str]:
    one, separator, other = value.partition(":")
    if not separator:
        raise keys.BadTokenError
    return one, other
