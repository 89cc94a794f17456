"""Where signing in leads to."""

import pytest

from peoplelink.officers import signing_in


@pytest.mark.parametrize("target", ["/officer", "/officer/inbox", "/officer/broadcasts?page=2"])
def test_our_own_officer_pages_are_led_to(target):
    assert signing_in.safe_next(target) == target
