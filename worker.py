"""An RQ worker: `python worker.py urgent inbound bulk`. Refuses to start with a setting missing."""

import sys

from peoplelink.app import work

if __name__ == "__main__":
    work(sys.argv[1:])
