"""Languages: which one is spoken, and what is said where a word is missing."""

import pytest

from peoplelink import languages


@pytest.fixture
def polish(tmp_path, monkeypatch):
    """A small catalogue in place of ours."""
    folder = tmp_path / "pl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n'
        'Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"\n\n'
        'msgid "Join %(zone)s"\nmsgstr "Dołącz do %(zone)s"\n\n'
        'msgid "%(num)s text"\nmsgid_plural "%(num)s texts"\n'
        'msgstr[0] "%(num)s SMS"\nmsgstr[1] "%(num)s SMS-y"\nmsgstr[2] "%(num)s SMS-ów"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    languages._catalogue.cache_clear()
    yield
    languages._catalogue.cache_clear()


def test_english_is_spoken_unless_somebody_says_otherwise():
    assert languages.current() is languages.ENGLISH
    assert languages.gettext("Join %(zone)s", zone="New Parks") == "Join New Parks"


@pytest.mark.usefixtures("polish")
def test_a_language_is_spoken_for_a_while_and_then_no_more():
    with languages.speaking("pl") as spoken:
        assert (spoken.code, spoken.direction) == ("pl", "ltr")
        assert languages.gettext("Join %(zone)s", zone="New Parks") == "Dołącz do New Parks"

    assert languages.gettext("Join %(zone)s", zone="New Parks") == "Join New Parks"


@pytest.mark.usefixtures("polish")
@pytest.mark.parametrize(("number", "said"), [(1, "1 SMS"), (3, "3 SMS-y"), (5, "5 SMS-ów"), (22, "22 SMS-y")])
def test_a_number_has_the_form_of_the_word_that_goes_with_it(number, said):
    with languages.speaking("pl"):
        assert languages.ngettext("%(num)s text", "%(num)s texts", number) == said


@pytest.mark.usefixtures("polish")
def test_what_has_not_been_translated_is_said_in_english():
    with languages.speaking("pl"):
        assert languages.gettext("Leave") == "Leave"


def test_a_language_we_do_not_have_is_english():
    with languages.speaking("xx") as spoken:
        assert spoken is languages.ENGLISH


@pytest.mark.usefixtures("polish")
def test_a_label_speaks_the_language_of_the_moment_it_is_shown():
    label = languages.lazy_gettext("Join %(zone)s")

    with languages.speaking("pl"):
        assert str(label) == "Dołącz do %(zone)s"
    assert str(label) == "Join %(zone)s"
