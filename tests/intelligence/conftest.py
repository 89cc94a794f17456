"""What tests of reports start from."""

import pytest

from tests.intelligence.town import Town


@pytest.fixture
def town(change):
    """Two zones with their reports and officers."""
    return change(Town)
