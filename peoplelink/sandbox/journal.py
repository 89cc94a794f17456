"""The sandbox's memory on disk: JSON lines, appended, written at least every quarter of a second, read at start."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import structlog

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 0.25


class Journal:
    """Appends records. A crash loses at most the last quarter of a second, or leaves a torn last line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: list[bytes] = []
        self._task: asyncio.Task[None] | None = None
        path.parent.mkdir(parents=True, exist_ok=True)
        _drop_torn_line(path)
        # It holds what residents were sent: for the owner's eyes only.
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def records(self) -> Iterator[dict[str, Any]]:
        """Everything written so far, oldest first. A line that is not JSON is counted in the log and left out."""
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield orjson.loads(line)
                except orjson.JSONDecodeError:
                    log.warning("sandbox_journal_line_unreadable", line=number)

    def write(self, record: dict[str, Any]) -> None:
        """Note a record; it reaches the disk with the next flush."""
        self._lines.append(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))

    def flush(self) -> None:
        """Write what has been noted."""
        if self._lines:
            data = memoryview(b"".join(self._lines))
            self._lines.clear()
            while data:
                data = data[os.write(self._file, data) :]

    def clear(self) -> None:
        """Forget everything, on disk too."""
        self._lines.clear()
        os.ftruncate(self._file, 0)

    def start(self) -> None:
        """Flush regularly, on the running loop."""
        self._task = asyncio.create_task(self._flush_often())

    async def stop(self) -> None:
        """The last flush."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.flush()
        os.close(self._file)

    async def _flush_often(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            self.flush()


def _drop_torn_line(path: Path) -> None:
    """Cut off what a crash left after the last line end, or the next record would be glued to it."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        end = _last_line_end(file.read())
        file.truncate(end)


def _last_line_end(data: bytes) -> int:
    return data.rfind(b"\n") + 1
