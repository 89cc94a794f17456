"""Every page that anybody may open, in every language, on a small phone without JavaScript.

A page is read by a browser that may not run scripts; then scripts are allowed, and axe, which is one, looks at the page
as it stands (see `scriptless`). The first test shows with a broken page that axe finds what is wrong, and that the
page's own scripts have not run.
"""

import pytest

from peoplelink.languages import ENGLISH, LANGUAGES
from tests.browser.public_pages import FOR_OFFICERS, NO_PAGE, PUBLIC
from tests.browser.scriptless import SMALL, Phone
from tests.browser.shown import endpoints, looked_at, opened_by_get

browser_test = pytest.mark.browser
NOWHERE = "http://127.0.0.1:9/"
BROKEN = """<html><img src="x"><p style="color: #ccc">Pale</p><noscript><b>Without</b></noscript>
<script>document.title = "Title"</script><script type="module">document.title = "Title"</script>"""


@pytest.fixture(scope="module")
def phones(browser):
    """A function that gives a phone which asks for a language; one for each, for all the tests."""
    made = {}

    def phone(tag):
        if tag not in made:
            made[tag] = Phone(browser, tag)
        return made[tag]

    yield phone
    for one in made.values():
        one.close()


@browser_test
def test_axe_finds_what_is_wrong_where_no_script_of_a_page_runs(phones, violations):
    phone = phones(ENGLISH.tag)
    phone.page.route(NOWHERE, lambda route: route.fulfill(body=BROKEN, content_type="text/html"))

    phone.page.goto(NOWHERE)
    found = phone.asked(violations)

    assert all(rule in found for rule in ("color-contrast", "document-title", "html-has-lang", "image-alt"))
    assert phone.page.locator("b").is_visible()
    assert phone.page.title() == ""


def test_no_public_page_is_left_out(planted_town):
    public = {name for name, guard in opened_by_get(planted_town.app).items() if guard == "public"}

    assert public == endpoints(PUBLIC) | set(NO_PAGE), "put it into tests/browser/public_pages.py"
    assert not endpoints(PUBLIC) & set(NO_PAGE)


def test_each_state_of_a_page_has_a_name_of_its_own():
    names = [shown.name for shown in PUBLIC]

    assert len(set(names)) == len(names)


@browser_test
@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
@pytest.mark.parametrize("shown", PUBLIC, ids=[shown.name for shown in PUBLIC])
def test_it_is_readable_by_everybody(phones, planted_site, planted_town, violations, shown, language):
    phone = phones(language.tag)
    page, spoken = phone.page, ENGLISH if shown.endpoint in FOR_OFFICERS else language

    assert shown.open(page, planted_site, planted_town) == shown.status
    look = looked_at(page)
    assert (look.lang, look.dir) == (spoken.tag, spoken.direction)
    assert look.headings == 1
    assert look.title
    assert look.width <= SMALL["width"]
    assert look.spills == []
    assert look.unfilled == []
    assert phone.asked(violations) == ""
