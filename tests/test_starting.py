"""What whoever starts a process without its settings gets to read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("script", ["wsgi.py", "worker.py"])
def test_a_process_without_settings_names_them_all_and_shows_no_traceback(script):
    bare = {"PATH": os.environ["PATH"]}

    ended = subprocess.run(
        [sys.executable, script], cwd=ROOT, env=bare, capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.returncode == 3
    assert ended.stderr.startswith("Settings to put right:\n")
    assert all(name in ended.stderr for name in ("DATABASE_URL", "REDIS_URL", "TWILIO_AUTH_TOKEN", "SENDGRID_API_KEY"))
    assert "Traceback" not in ended.stderr
