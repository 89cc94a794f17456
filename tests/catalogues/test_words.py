"""The catalogues themselves: nothing missing, nothing broken, and what texts in each language cost."""

import ast
import re
import runpy
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from peoplelink import languages
from peoplelink.catalogues import reading
from peoplelink.channels.segments import count_segments, to_gsm
from peoplelink.languages import ENGLISH, FOLDER, LANGUAGES, path_of

OTHERS = [code for code in LANGUAGES if code != ENGLISH.code]
ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "peoplelink"
SPEAKING = {"_", "gettext", "ngettext", "lazy_gettext", "marked"}
KEYWORDS = re.compile(r"\b(?:STOP|START|HELP|YES|JOIN|999|101|18000|55)\b")
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
TAGS = re.compile(r"<[^>]+>|\*\*|\]\(")


@pytest.fixture(scope="module")
def tool():
    return runpy.run_path(str(ROOT / "bin" / "words.py"))


@pytest.fixture(scope="module")
def template():
    with (FOLDER / "messages.pot").open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def collected(tool):
    return tool["collected"]()


@pytest.fixture(params=OTHERS)
def code(request):
    return request.param


@pytest.fixture
def messages(code):
    return reading.lines(code)


def test_the_template_holds_what_the_code_says_now(collected, template):
    assert {message.id for message in collected} == {message.id for message in template}, "run `make words`"


def test_each_catalogue_holds_what_the_template_does(template, messages):
    assert {line.said for line in messages} == {reading._said(message) for message in template if message.id}


def called_here(tree):
    """What a module calls the functions that speak."""
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = [name for node in imported if node.module == "peoplelink.languages" for name in node.names]
    return {name.asname or name.name for name in names if name.name in SPEAKING}


def test_no_message_is_said_in_a_way_that_the_collector_does_not_see(template):
    """It sees constants in calls, and none within an f-string on Python 3.11."""
    known = {said for message in template for said in reading._said(message)}
    unseen = []
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        speaking = SPEAKING | called_here(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in speaking:
                said = node.args[0] if node.args else None
                if isinstance(said, ast.JoinedStr) or (isinstance(said, ast.Constant) and said.value not in known):
                    unseen.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")

    assert unseen == []


def test_no_message_is_without_words(code):
    assert reading.of(code).missing == ()


def test_every_form_of_a_plural_is_there(code, messages):
    with path_of(code).open("rb") as file:
        forms = read_po(file, locale=code).num_plurals

    assert [line.said for line in messages if len(line.said) > 1 and len(line.words) != forms] == []


def test_what_is_filled_in_is_filled_in_in_each_language(messages):
    odd = [line.said for line in messages if _found(PLACES, line.words[0]) != _found(PLACES, line.said[-1])]

    assert odd == []


def test_a_translation_brings_in_no_markup_of_its_own(messages):
    """Words in templates are not escaped: a catalogue with other tags than the English could run a script."""
    odd = [
        line.said for line in messages if any(_found(TAGS, word) != _found(TAGS, line.said[0]) for word in line.words)
    ]

    assert odd == []


def test_what_is_texted_and_whom_to_call_stays_as_it_is(messages):
    odd = [
        line.said for line in messages if set(KEYWORDS.findall(line.said[0])) != set(KEYWORDS.findall(line.words[0]))
    ]

    assert odd == []


def test_a_number_keeps_its_order_where_words_run_from_right_to_left():
    """A space would part it into words, and the last of them would stand first: a no-break space does not."""
    written = [word for code in OTHERS if LANGUAGES[code].direction == "rtl" for line in reading.lines(code)
               for word in line.words]  # fmt: skip

    assert [word for word in written if re.search(r"\b\d+ \d", word)] == []


def test_the_head_of_a_file_does_not_change_by_itself(tool, code):
    kept = path_of(code).read_text(encoding="utf-8")

    assert tool["written"](tool["_catalogue"](LANGUAGES[code])) == kept


LINK = "https://peoplelink.example.org/privacy"
FILLED_IN = {
    "words": "JOIN NEW PARKS",
    "word": "NEWPARKS",
    "link": LINK,
    "privacy": LINK,
    "sector": "LE3 9",
}
TEXTED = (
    "Thanks, we've got your message and a person will read it within 3 days. Not",
    "You're in. ",
    "Reply STOP to",
    "People Link, from the Commissioner's office: you asked",
    "People Link, your choices",
)
DEAR = {
    # Texts of more than two parts in Urdu, by their English beginning: a part holds 160 Latin letters, or 70 others.
    "People Link, from the Police and Crime Commissioner's office. To join": 3,
    "People Link: thanks. Reply YES to get texts about %(zones)s": 3,
    "People Link: thanks. Reply YES to get texts about {zones}": 4,
    "People Link: {sector} is in none of our zones yet": 3,
    "People Link: a zone has opened near you": 3,
}


def texts():
    """The messages that go out as texts, by their beginnings: those of pages stand in templates."""
    return [
        line.said[0]
        for line in reading.lines("ur")
        if line.said[0].startswith(("People Link: ", *TEXTED, *DEAR))
        and any(place.endswith(".py") for place in line.places)
    ]


def parts_of(said, code):
    with languages.speaking(code):
        words = languages.gettext(said)
    return count_segments(
        to_gsm(PLACES.sub(lambda place: FILLED_IN.get(re.search(r"\w+", place[0])[0], "New Parks"), words))
    )


@pytest.mark.parametrize("said", texts())
def test_a_text_in_polish_costs_what_it_does_in_english(said):
    assert parts_of(said, "pl").odd == ()
    assert parts_of(said, "pl").segments == parts_of(said, "en").segments


@pytest.mark.parametrize("said", texts())
def test_a_text_in_urdu_costs_two_parts_at_most_but_for_those_that_we_know(said):
    known = next((parts for start, parts in DEAR.items() if said.startswith(start)), None)

    if known:
        assert parts_of(said, "ur").segments == known
    else:
        assert parts_of(said, "ur").segments <= 2


def _found(pattern, text):
    return sorted(pattern.findall(text))
