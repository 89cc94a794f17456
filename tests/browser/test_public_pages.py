"""The public pages in a real browser, on a small phone and a wide screen."""

import pytest

pytestmark = pytest.mark.browser
PAGES = ("/", "/privacy", "/accessibility", "/cookies", "/contact", "/nowhere")
WIDE = 1280  # small ones: see test_every_public_page


def test_public_pages_are_readable_by_everybody(page, site, violations):
    page.set_viewport_size({"width": WIDE, "height": 800})

    for path in PAGES:
        page.goto(site + path)
        assert violations(page) == "", path
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDE, path


def test_the_browser_finds_nothing_against_our_policy(page, site):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(site)

    assert complaints == []
    assert page.evaluate("document.body.classList.contains('govuk-frontend-supported')")


def test_the_keyboard_reaches_the_skip_link_first(page, site):
    page.goto(site)

    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.textContent").strip() == "Skip to main content"


def test_the_type_is_ours(page, site):
    page.goto(site)

    family = page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily")

    assert family.startswith('"Helvetica Neue"')
