"""HTML made to swell: the words come out, and nothing is laid out."""

import time

import pytest

from peoplelink.channels.mail import html_to_text


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td>" + "a" * 200_000 + "</td></tr>" + "<tr><td>b</td></tr>" * 15_000 + "</table>",
        "<ul><li>" * 40_000 + "words",
        "<blockquote>" * 40_000 + "words",
        '<p style="margin-top:999999999em;padding-left:99999999em">words</p>',
        "<td>" * 120_000,
    ],
    ids=["a wide cell above many rows", "lists in lists", "quotes in quotes", "a margin", "cells alone"],
)
def test_no_html_makes_more_text_than_it_holds(html):
    began = time.process_time()

    text = html_to_text(html)

    assert len(text) <= len(html)
    assert time.process_time() - began < 5


def test_blocks_stand_on_lines_of_their_own_and_scripts_are_left_out():
    html = (
        "<head><title>t</title><style>p{}</style></head><p>One\n two</p><ul><li>a<li>b</ul><script>x()</script>c<br>d"
    )

    assert [line for line in html_to_text(html).split("\n") if line] == ["One two", "a", "b", "c", "d"]
