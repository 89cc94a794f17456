import pytest

from peoplelink.subscribers import keywords
from tests.subscribers import people


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("new parks", "NEWPARKS"),
        ("  New-Parks! ", "NEWPARKS"),
        ("«New\u00a0Parks»", "NEWPARKS"),
        ("n\u200bew pa\ufeffrks \U0001f600", "NEWPARKS"),
        ("Ne\u0301w", "NEW"),
        ("Ⓝⓔⓦ", "NEW"),
        ("\uff4e\uff45\uff57", "NEW"),
        ("\u0661\u0662\u0663", "123"),
        ("\U0001f44d", ""),
        ("", ""),
    ],
)
def test_a_word_is_squeezed_to_letters_and_digits(text, word):
    assert keywords.squeeze(text) == word


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("New Parks", ["New Parks"]),
        ("newpark", ["New Parks"]),
        ("the New Parks estate please", ["New Parks"]),
        ("bell", ["Bell Foundry"]),
        ("bell-foundry", ["Bell Foundry"]),
        ("WHITWICK", ["Coalville"]),
        ("Thringstone.", ["Coalville"]),
        ("whitwick & thringstone", ["Coalville"]),
        ("New Parks and Coalville", ["New Parks", "Coalville"]),
        ("bell foundry, new parks, coalville", ["Bell Foundry", "New Parks", "Coalville"]),
        ("parks", []),
        ("New Parks is lovely", []),
        ("events", []),
        ("", []),
        ("please", []),
        ("new parks " * 40, []),
    ],
)
def test_zones_are_found_in_a_text_that_names_nothing_else(planted, text, names):
    assert [zone.name for zone in keywords.zones_in(planted, text)] == names


@pytest.mark.parametrize(("text", "close"), [("newprks", ["New Parks"]), ("colville", ["Coalville"]), ("narnia", [])])
def test_a_misspelt_zone_is_offered_and_never_taken(planted, text, close):
    found = keywords.lookup(planted, text)

    assert found.zone is None
    assert [zone.name for zone in found.close] == close


def test_a_topic_is_found_by_its_word(planted):
    assert keywords.lookup(planted, "Have your say").topic.slug == "have-your-say"


def test_a_zone_that_takes_nobody_any_more_is_not_found(planted):
    people.zone(planted).active = False
    planted.flush()

    assert keywords.zones_in(planted, "newparks") == []
    assert keywords.lookup(planted, "newprks").close == ()
