"""The page that everybody lands on, in a real browser."""

import pytest

pytestmark = pytest.mark.browser


def test_the_home_page_is_readable_by_everybody(page, site, violations):
    answer = page.goto(site)

    assert answer.ok
    assert violations(page) == ""


def test_the_home_page_fits_a_small_phone(page, site):
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(site)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
