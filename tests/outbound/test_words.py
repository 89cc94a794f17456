import time

import pytest
from bs4 import BeautifulSoup

from peoplelink import languages
from peoplelink.channels.messages import Medium
from peoplelink.channels.replies import REPLY_MARKER
from peoplelink.errors import InvalidInputError
from peoplelink.outbound import words


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Fair on Saturday.", "People Link: Fair on Saturday. Reply STOP to leave."),
        ("People Link: a fair. STOP to end", "People Link: a fair. STOP to end"),
        ("people link has news", "people link has news Reply STOP to leave."),
        ("We must stop this", "People Link: We must stop this Reply STOP to leave."),
        ("Two\r\nlines ", "People Link: Two\nlines Reply STOP to leave."),
        ("It\u2019s \u201con\u201d \u2013 come", 'People Link: It\'s "on" - come Reply STOP to leave.'),
    ],
)
def test_a_text_says_who_it_is_from_and_how_to_stop(typed, sent):
    assert words.frame_sms(typed) == sent


def test_framing_twice_changes_nothing():
    framed = words.frame_sms("A fair.")

    assert words.frame_sms(framed) == framed


@pytest.mark.parametrize("text", ["Dear {name|friend}, {name|you}", "no fields", "{}", "{ 1 + 1 }", "a { b } c"[:3]])
def test_good_fields_and_other_brackets_pass(text):
    words.check_merge_fields(text)


@pytest.mark.parametrize("text", ["{name}", "{name|}", "{first_name|you}", "{NAME|you}", "{ name |you}", "{name|a<b}"])
def test_a_field_that_cannot_be_filled_is_named(text):
    with pytest.raises(InvalidInputError, match=r"Change \{") as caught:
        words.check_merge_fields(text)

    assert "{name|friend}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Hi {name", "{name"),
        ("Hi {name and welcome", "{name"),
        ("Hi {name|friend, welcome", "{name|friend,"),
        ("Hi name|friend}.", "name|friend}"),
        ("Hi {{name|x}}.", "{{name|x}}"),
        ("Hi {name|x}}", "{name|x}}"),
        ("Hi {name|{name|x}}", "{name|{name|x}}"),
        ("{name|you}, {nam:x}", "{nam:x}"),
    ],
)
def test_a_field_with_a_bracket_too_few_or_too_many_is_named(text, named):
    with pytest.raises(InvalidInputError) as caught:
        words.check_merge_fields(text)

    assert str(caught.value).startswith(f"Change {named}: ")


@pytest.mark.parametrize(
    "text", ["{" * 20_000, "name|" * 4_000, "{name|x}" * 2_500 + " ", "{name|" + "x" * 19_000 + "}"]
)
def test_looking_for_them_takes_no_time_whatever_is_written(text):
    began = time.perf_counter()

    words.check_merge_fields(text)

    assert time.perf_counter() - began < 0.5


def test_a_name_is_filled_in_or_its_fallback():
    assert words.fill("Dear {name|friend}", "Ada") == "Dear Ada"
    assert words.fill("Dear {name|friend}", None) == "Dear friend"
    assert words.fill("Dear {name|friend}", "") == "Dear friend"
    assert words.fill("Dear {name|friend}", r"\1 {name|x}") == r"Dear \1 {name|x}"


def test_markdown_becomes_clean_html_with_a_way_out():
    body = """# Fair

<script>alert(1)</script>

<a href="javascript:alert(2)">here</a> [there](javascript:alert(3)) **now** <img src="x">"""

    made = words.email_html(body)

    assert "<script" not in made
    assert 'href="javascript:' not in made
    assert "<img" not in made
    assert "<strong>now</strong>" in made
    assert words.LEAVE_TAG in made


def test_a_new_line_is_a_new_line_and_an_address_is_a_link():
    made = words.email_html("Saturday\n2pm\n\n1. First\n2. Second\n\n<https://example.org/fair>")

    assert "Saturday<br>" in made
    assert made.count("<li>") == 2
    assert 'href="https://example.org/fair"' in made


def test_in_an_email_in_urdu_what_is_in_english_runs_from_left_to_right():
    with languages.speaking("ur"):
        page = words.email_html("People Link \u0645\u06cc\u06ba\n\n## A fair\n\n- Tea\n- Cake")
    made = BeautifulSoup(page, "html.parser")

    assert made.body["dir"] == "rtl"
    assert [made.find(name).get("dir") for name in ("p", "h2", "ul")] == [None, "ltr", "ltr"]


def test_brackets_that_open_nothing_are_words_like_any_other():
    # The Markdown library we had before took minutes for these, and a page waits for it.
    assert "[" * 20_000 in words.email_html("[" * 20_000)


def test_the_text_part_is_plain_words_with_a_way_out():
    assert words.email_text("**Fair**").startswith(f"{REPLY_MARKER}\n\nFair\n")
    assert REPLY_MARKER in words.email_html("**Fair**")
    assert words.LEAVE_TAG in words.email_text("**Fair**")


def test_each_field_has_a_tag_of_its_own_and_names_are_escaped_for_html():
    tagged = words.tag_fields("<p>{name|friend} and {name|you}</p>", prefix="h")

    assert tagged.text == "<p>-pl_h0- and -pl_h1-</p>"
    assert words.substitutions(tagged, "A & <b>", escape=True) == {
        "-pl_h0-": "A &amp; &lt;b&gt;",
        "-pl_h1-": "A &amp; &lt;b&gt;",
    }
    assert words.substitutions(tagged, None, escape=True) == {"-pl_h0-": "friend", "-pl_h1-": "you"}


def test_segments_are_counted_at_the_fallback_and_an_email_counts_one():
    assert words.segments_of(words.Words(Medium.SMS, "a" * 150 + " {name|friend}")) == 1
    assert words.segments_of(words.Words(Medium.SMS, "a" * 161)) == 2
    assert words.segments_of(words.Words(Medium.EMAIL, "a" * 1000, "s")) == 1
