"""Our emails, and the file that residents take away, as a small phone shows them: in every language, no script run."""

import pytest

from peoplelink.languages import LANGUAGES
from tests.browser import emails
from tests.browser.scriptless import SMALL, Phone
from tests.browser.shown import Shown, looked_at

pytestmark = pytest.mark.browser
NAMES = [
    "broadcast-en",
    *(f"{name}-{code}" for code in LANGUAGES
      for name in ("moved", "moved-reminder", "confirmation", "reminder", "own-page", "which-zone", "digest")),
]  # fmt: skip


@pytest.fixture(scope="module")
def sent(planted_town):
    with planted_town.app.extensions["peoplelink"].database.write() as session:
        made = emails.every(session)
        session.rollback()
    return made


@pytest.fixture(scope="module")
def phone(browser):
    made = Phone(browser)
    yield made
    made.close()


@pytest.fixture
def assert_is_readable(phone, violations):
    def check(html, code):
        language = LANGUAGES[code]
        phone.page.set_content(html)
        look = looked_at(phone.page)
        assert (look.lang, look.dir) == (language.tag, language.direction)
        assert look.title
        assert look.width <= SMALL["width"]
        assert phone.asked(violations) == ""

    return check


def test_these_are_all_of_them(sent):
    assert set(sent) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_email_is_readable_by_everybody(sent, assert_is_readable, name):
    assert_is_readable(sent[name], name.rpartition("-")[2])


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_residents_take_away_is_readable_by_everybody(phone, planted_town, assert_is_readable, code):
    download = Shown("my_data.download", arguments={"token": "data", "form": "html"})
    path = download.path(planted_town.app, planted_town.of)

    file = planted_town.app.test_client().get(f"{path}?lang={code}")

    assert_is_readable(file.text, code)
    assert phone.page.locator("h1").count() == 1
