"""What the fuzz is played on: the whole of People Link in one process, with a clock that the test moves."""

import pytest

from tests.consent.conftest import rig  # noqa: F401 - a fixture


@pytest.fixture
def site(rig, request):  # noqa: F811 - the fixture
    """A site of which nobody has heard yet, in a mode of Twilio's keywords."""
    made = rig.open(request.param)
    yield made
    made.close()
