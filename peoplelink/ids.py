"""Public identifiers and short codes that people read aloud."""

import secrets
import uuid

# No I, L, O, U, 0 or 1: letters and digits that are mistaken for one another when read aloud or written by hand.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_public_id() -> str:
    """A random UUID as text: for URLs, callbacks, exports and logs."""
    return str(uuid.uuid4())


def new_code(length: int = 6) -> str:
    """A random code for a person to read aloud; 30^6 is 729 million, and the column is unique besides."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))
