import uuid
from urllib.parse import quote

import pytest

from peoplelink import keys


def test_a_signed_value_comes_back_for_its_purpose_only():
    token = keys.sign(["new"], "leave", "value")

    assert keys.unsign(["new"], "leave", token) == "value"
    with pytest.raises(keys.BadTokenError):
        keys.unsign(["new"], "confirm", token)


def test_links_survive_a_rotation_and_not_the_loss_of_their_key():
    token = keys.sign(["old"], "leave", "value")

    assert keys.unsign(["new", "old"], "leave", token) == "value"
    with pytest.raises(keys.BadTokenError):
        keys.unsign(["new"], "leave", token)


@pytest.mark.parametrize("token", ["", "value", "value.", "value.é", ".x", "a" * 5000, "value.AAAA\x00"])
def test_a_token_that_is_none_is_refused(token):
    with pytest.raises(keys.BadTokenError):
        keys.unsign(["new"], "leave", token)
    with pytest.raises(keys.BadTokenError):
        keys.unsign_within(["new"], "confirm", token, seconds=60)


def test_a_timed_link_runs_out():
    token = keys.sign_until(["new"], "confirm", "value")

    assert keys.unsign_within(["new"], "confirm", token, seconds=60) == "value"
    with pytest.raises(keys.BadTokenError):
        keys.unsign_within(["new"], "confirm", token, seconds=-1)


@pytest.mark.parametrize("sign", [keys.sign, keys.sign_until])
@pytest.mark.parametrize("value", ["00000000-0000-4000-8000-000000000001", "0000-01:0000-02"])
def test_a_text_can_be_shown_without_what_its_links_may_do(sign, value):
    link = f"https://link.example.org/confirm/{sign(['k' * 32], 'a', value)}"

    shown = keys.without_tokens(f'Press {link}?lang=pl. Or <a href="{link}">here</a>: {link}', "(yours)")

    there = "https://link.example.org/confirm/(yours)"
    assert shown == f'Press {there}?lang=pl. Or <a href="{there}">here</a>: {there}'


@pytest.mark.parametrize(
    "written",
    [
        lambda link: f"https://safelinks.example.com/?url={quote(link, safe='')}&data=05",
        lambda link: f"{link[:60]}\n> {link[60:]}",
        lambda link: f"{link[:-20]}\r\n{link[-20:]}",
        lambda link: f"https://urldefense.com/v3/__{link}__;!!ABC!xyz$",
        lambda link: f"https://urldefense.example.com/v2/url?u={filtered(link)}&d=DwMF",
        lambda link: f"https://filter.example.com/?u={quote(quote(link, safe=''), safe='')}",
        lambda link: f"https://filter.example.com/?u={quote(link, safe='').replace('-', '%2D').replace('_', '%5F')}",
        lambda link: f"https://filter.example.com/?u={quote(link, safe='').replace('-', '%2D')}",
        lambda link: f"_{link}_",
        lambda link: f"{link}.Thanks",
        lambda link: f"www.example\n{link}",
        lambda link: f"<{link}>\nSam",
        lambda link: f"{link}\nSam",
    ],
)
def test_a_link_that_was_rewritten_or_broken_over_two_lines_does_nothing_either(written):
    token = keys.sign_until(["k" * 32], "a", str(uuid.uuid4()))

    shown = keys.without_tokens(written(f"https://link.example.org/confirm/{token}"), "(yours)")

    assert token[-12:] not in shown
    assert shown.count("(yours)") == 1
    assert shown.endswith("Sam") == written("x").endswith("Sam")


def filtered(link):
    """As one maker of mail filters writes a link into its own."""
    return quote(link.replace("-", "-2D").replace("_", "-5F").replace("/", "_"), safe="_").replace("%", "-")


@pytest.mark.parametrize("lines", ["\n", "\r\n> ", " \n> > ", "\n\t"])
def test_wherever_a_link_is_broken_it_does_nothing(lines):
    token = keys.sign_until(["k" * 32], "a", str(uuid.uuid4()))
    link = f"https://link.example.org/confirm/{token}"
    signature = token[-43:]

    for place in range(1, len(link)):
        shown = keys.without_tokens(f"{link[:place]}{lines}{link[place:]}", "(yours)")
        assert shown.count("(yours)") == 1
        assert signature not in shown.replace(lines, "")


def test_a_text_made_to_take_for_ever_is_read_and_left_as_it_is():
    """What is tried once for each place takes a second; each for each would not end before the time of a test does."""
    slow = ["/" + ".a" * 100_000, "/a.b\n" + ">" * 200_000, ("." + "-2D" * 44) * 2_000, "%2F" * 70_000]

    for text in slow:
        assert keys.without_tokens(text, "(yours)") == text


def test_other_links_are_left_as_they_are():
    text = (
        "https://www.example.org/a.b/2026-11-27/litter-pick.html and https://maps.example.org/@52.6,-1.1,15z "
        "and/or this.\nNext line. See https://example.org/x.y\nThanks"
        f"\n{'-' * 43}\njane@example.com\n{'-' * 40}\nThanks.\n{'_' * 43}\nwell.\n{'co-operation-' * 3}abcd\n"
    )

    assert keys.without_tokens(text, "(yours)") == text


def test_a_reply_token_survives_folded_case_and_a_rotation():
    public_id = str(uuid.uuid4())
    token = keys.reply_token(["old"], public_id)

    assert len(token) <= 64  # the longest local part of a mailbox, RFC 5321
    assert keys.read_reply_token(["new", "old"], token.upper()) == public_id
    assert keys.read_reply_token(["new"], token) is None


@pytest.mark.parametrize(
    "token", ["", "r--", "r-" + "0" * 32, "r-" + "0" * 32 + "-é", "x-" + "0" * 32 + "-" + "0" * 16]
)
def test_a_reply_token_that_is_none_is_nothing(token):
    assert keys.read_reply_token(["new"], token) is None


def test_one_address_has_one_hash_under_one_key():
    first = keys.address_hash("k1", "sms", "+447700900001")

    assert first == keys.address_hash("k1", "sms", "+447700900001")
    assert first != keys.address_hash("k2", "sms", "+447700900001")
    assert first != keys.address_hash("k1", "email", "+447700900001")
