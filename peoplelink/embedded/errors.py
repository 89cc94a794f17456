"""Why an embedded start cannot go on. The message is for the person at the terminal."""


class EmbeddedError(Exception):
    """Base; the message says what is wrong and what to do."""


class PortTakenError(EmbeddedError):
    """Another program listens where we should."""

    def __init__(self, port: int, option: str) -> None:
        super().__init__(
            f"Port {port} on this machine is taken by another program. "
            f"Stop that program, or choose another port: peoplelink run {option} {port + 10}"
        )


class AlreadyRunningError(EmbeddedError):
    """Two of us would write to the same files."""

    def __init__(self) -> None:
        super().__init__("People Link already runs from this folder. Stop it first (Ctrl-C in its window).")


class DidNotStartError(EmbeddedError):
    """A part ended again and again, or stayed silent."""
