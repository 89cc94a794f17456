"""Whether the page on screen is in words that nobody has checked."""

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from peoplelink import languages
from peoplelink.catalogues import services
from peoplelink.db import Database
from peoplelink.languages import ENGLISH

log = structlog.get_logger(__name__)


class Drafts:
    """Asks the database, and remembers the answer for pages that must not ask: those that explain an error."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._checked: set[str] = set()

    def is_one(self, *, from_memory: bool = False) -> bool:
        """Whether the page is a draft; so it is held to be as long as nobody knows better."""
        code = languages.current().code
        if code == ENGLISH.code:
            return False
        if not from_memory:
            self._ask(code)
        return code not in self._checked

    def _ask(self, code: str) -> None:
        try:
            with self._database.read() as session:
                checked = services.is_checked(session, code)
        except (DBAPIError, PoolTimeoutError):
            # Pages that need nothing of the database, such as whom to call, are shown while it is away.
            log.warning("reviews_not_read", language=code)
            return
        self._checked = self._checked | {code} if checked else self._checked - {code}
