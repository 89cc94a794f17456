"""Every page behind a guard, as an administrator sees it with something in each list: on a small phone and wide."""

import pytest

from tests.browser.officer_pages import NO_PAGE, OFFICERS, POSTERS
from tests.browser.shown import endpoints, looked_at, opened_by_get

browser_test = pytest.mark.browser
WIDTHS = (320, 1280)
STUCK = """[...document.querySelectorAll("main *")]
    .filter(each => each.scrollWidth > each.clientWidth + 1)
    .filter(each => ["auto", "scroll"].includes(getComputedStyle(each).overflowX))
    .filter(each => !each.closest("[tabindex], a, button, input, select, textarea"))
    .filter(each => !each.querySelector("a, button, input")).map(each => each.outerHTML)"""
"""What scrolls sideways by itself, and cannot be reached by the keyboard."""


@pytest.fixture(scope="module")
def desk(browser, planted_site, planted_town):
    """A browser that all these pages are opened in."""
    context = browser.new_context(locale="en-GB")
    yield context.new_page()
    context.close()


def test_no_page_of_officers_is_left_out(planted_town):
    guarded = {name for name, guard in opened_by_get(planted_town.app).items() if guard != "public"}

    assert guarded == endpoints(OFFICERS) | set(NO_PAGE), "put it into tests/browser/officer_pages.py"
    assert not endpoints(OFFICERS) & set(NO_PAGE)


def test_each_state_of_a_page_has_a_name_of_its_own():
    names = [shown.name for shown in OFFICERS]

    assert len(set(names)) == len(names)


@browser_test
@pytest.mark.parametrize("shown", OFFICERS, ids=[shown.name for shown in OFFICERS])
def test_it_is_readable_by_everybody(desk, planted_site, planted_town, violations, shown):
    assert shown.signed_in(planted_town).open(desk, planted_site, planted_town) == shown.status
    for width in WIDTHS:
        desk.set_viewport_size({"width": width, "height": 800})
        look = looked_at(desk)
        assert (look.headings, bool(look.title)) == (1, True)
        assert look.lang == "en-GB" or shown.endpoint in POSTERS
        assert look.width <= width
        assert look.spills == []
        assert desk.evaluate(STUCK) == [], width
        assert violations(desk) == "", width
