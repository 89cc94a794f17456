"""What plays are played on."""

import pytest

from peoplelink.config import KeywordMode
from tests.consent.acting import Acts
from tests.consent.site import Rig


@pytest.fixture
def rig(app, runtime, databases, key_pairs, monkeypatch):
    return Rig(app, runtime, databases, key_pairs, monkeypatch)


@pytest.fixture
def acts(rig, request):
    """A play to be played by hand."""
    made = Acts(rig.open(getattr(request, "param", KeywordMode.OFF)))
    yield made
    made.site.close()
