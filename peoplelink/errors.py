"""The errors of the domain. HTTP meaning is given in web.py only.

PeopleLinkError
  NotFoundError      404
  ConflictError      409
  ForbiddenError     403
  InvalidInputError  422   the message is written for the person who typed
"""


class PeopleLinkError(Exception):
    """Base of all errors that this project raises on purpose."""


class NotFoundError(PeopleLinkError):
    """The thing asked for does not exist, or the asker may not know that it does."""


class ConflictError(PeopleLinkError):
    """The thing is no longer in the state that the request assumed."""


class ForbiddenError(PeopleLinkError):
    """The person may not do this."""


class InvalidInputError(PeopleLinkError):
    """What was typed cannot be used; the message says what to do, in the typist's words."""
