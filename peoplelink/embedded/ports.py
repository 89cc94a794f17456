"""Ports: looked at before anything starts, so that a taken one is a sentence and not a traceback."""

import socket

from peoplelink.embedded.errors import PortTakenError

HOST = "127.0.0.1"


def claim(port: int, option: str) -> int:
    """`port` if we may listen there, any free one for 0; raises PortTakenError, which names `option`."""
    with socket.socket() as probe:
        # As servers do: a port that only lingers after a stop is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError as err:
            raise PortTakenError(port, option) from err
        return int(probe.getsockname()[1])
