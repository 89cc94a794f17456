import pytest
from markdown_it import MarkdownIt

from peoplelink.outbound.plain_text import plain_text


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("Please **do** come.\n2pm", "Please do come.\n2pm"),
        ("# Fair\n\nAt the *hall*", "Fair\n\nAt the hall"),
        ("[Confirm my email](https://example.org/c/abc)", "Confirm my email <https://example.org/c/abc>"),
        ("See <https://example.org>.", "See <https://example.org>."),
        ("[https://example.org](https://example.org)", "<https://example.org>"),
        ("- tea\n- cake\n  with cream", "- tea\n- cake\n  with cream"),
        ("3. tea\n4. cake", "3. tea\n4. cake"),
        ("- one\n  - two", "- one\n  - two"),
        ("> said\n>\n> so", "> said\n> \n> so"),
        ("a\n\n---\n\nb", "a\n\n---\n\nb"),
        ("    code\n\n`inline`", "code\n\ninline"),
        ("<b>bold</b> <script>x</script>", "bold x"),
        ("![a picture](https://example.org/p.png)", ""),
        ("Dear {name|friend}, 2 < 3 & 4 > 3", "Dear {name|friend}, 2 < 3 & 4 > 3"),
        ("", ""),
    ],
)
def test_words_are_left_and_marks_are_not(markdown, said):
    assert plain_text(MarkdownIt("commonmark", {"breaks": True}), markdown) == said
