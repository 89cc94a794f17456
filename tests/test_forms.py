"""What forms say by themselves, and what they let through."""

import ast
from io import BytesIO
from pathlib import Path

import pytest
import wtforms
from wtforms import DecimalField, FileField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from peoplelink.forms import PLAIN_WORDS, HiddenNumberField, PlainForm
from tests.pages import every_form

FOR_PROGRAMMERS = {"Invalid field name '%s'.", "Choices cannot be None."}


def said_by_wtforms():
    """Every sentence that WTForms has ready for people."""
    for path in Path(wtforms.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"gettext", "ngettext"}:
                yield from (part.value for part in node.args if isinstance(part, ast.Constant))


def test_every_sentence_of_wtforms_has_one_of_ours():
    assert set(said_by_wtforms()) - FOR_PROGRAMMERS == set(PLAIN_WORDS)


def test_none_of_ours_speaks_of_fields_values_or_validity():
    assert [words for words in PLAIN_WORDS.values() if any(odd in words.lower() for odd in ("valid", "field"))] == []


class AnyForm(PlainForm):
    one = SelectField(choices=["a"])
    radio = RadioField(choices=["a"])
    number = SelectField(choices=[SelectChoice(1, "a")], coerce=int)
    many = SelectMultipleField(choices=["a"])
    numbers = SelectMultipleField(choices=[SelectChoice(1, "a")], coerce=int)
    whole = IntegerField()
    part = DecimalField()
    needed = StringField(validators=[InputRequired()])
    long = StringField(validators=[Length(max=3)])
    hidden = HiddenNumberField()


@pytest.fixture
def form(app):
    def filled_in(**fields):
        with app.test_request_context("/", method="POST", data=fields):
            made = AnyForm(meta={"csrf": False})
            made.validate()
            return made

    return filled_in


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_no_page_offered_is_answered_in_plain_english(form):
    made = form(one="x", radio="x", number="x", many=["x", "y"], numbers="x", whole="x", part="x", long="abcd")

    assert made.errors == {
        "one": ["Choose from the list"],
        "radio": ["Choose from the list"],
        "number": ["Choose from the list"],
        "many": ["Choose from the list"],
        "numbers": ["Choose from the list"],
        "whole": ["Enter a whole number"],
        "part": ["Enter a number"],
        "needed": ["Fill this in"],
        "long": ["Use at most 3 characters"],
    }


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_characters_that_no_database_stores_are_left_out(form):
    assert form(needed="a\x00b\u00e9\U0001f600").needed.data == "ab\u00e9\U0001f600"


def test_nobody_turns_round_the_words_that_follow_theirs(form):
    assert (
        form(needed="\u202eevil\u202c \u2067\u0627\u0631\u062f\u0648\u2069").needed.data
        == "evil \u2067\u0627\u0631\u062f\u0648\u2069"
    )


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("sent", "number"),
    [("12", 12), ("", 0), ("-1", 0), ("1.5", 0), ("\u0663", 0), ("9" * 10, 0), ("x", 0), (None, 0)],
)
def test_a_hidden_number_is_a_number_whatever_is_sent(form, sent, number):
    assert form(**({} if sent is None else {"hidden": sent})).hidden.number == number


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", every_form(), ids=lambda kind: kind.__name__)
def test_a_file_in_the_place_of_words_is_an_error_of_that_field_in_every_form(app, kind):
    names = [field.name for field in kind(formdata=None, meta={"csrf": False}) if not isinstance(field, FileField)]
    for name in names:
        with app.test_request_context("/", method="POST", data={name: (BytesIO(b"x"), "x.txt")}):
            made = kind(meta={"csrf": False})
            for field in made:
                if hasattr(field, "choices"):
                    field.choices = field.choices or []

            assert not made.validate()
            assert made.errors[name] == ["Type this in. A file cannot go here"], name
    assert names


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_words_beside_a_file_do_not_make_up_for_it(form):
    made = form(needed=["words", (BytesIO(b"x"), "x.txt")])

    assert made.errors["needed"] == ["Type this in. A file cannot go here"]
