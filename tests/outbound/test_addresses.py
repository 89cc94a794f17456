import pytest

from peoplelink.channels.messages import Medium
from peoplelink.errors import InvalidInputError
from peoplelink.outbound import addresses

KEY = "a" * 64


@pytest.mark.parametrize(
    "typed",
    [
        "07400 123456",
        "+44 7400 123456",
        "0044 7400 123456",
        "+44 (0)7400 123456",
        "7400123456",
        "07400-123-456",
        " 07400 123456 ",
    ],
)
def test_every_usual_spelling_of_a_mobile_becomes_one(typed):
    assert addresses.normalise_mobile(typed, fictional_allowed=False) == "+447400123456"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0116 326 0000", "landline"),
        ("+33 6 12 34 56 78", "only text UK numbers"),
        ("070 1234 5678", "Enter a UK mobile"),
        ("0900 123 4567", "Enter a UK mobile"),
        ("07400 123456 ext 5", "Enter a UK mobile"),
        ("07400", "Enter a UK mobile"),
        ("", "Enter a UK mobile"),
        ("hello", "Enter a UK mobile"),
        ("0" * 5000, "Enter a UK mobile"),
        ("07400\x00123456é", "UK mobile"),
    ],
)
def test_a_number_we_cannot_text_gets_a_sentence_that_helps(typed, said):
    with pytest.raises(InvalidInputError, match=said) as caught:
        addresses.normalise_mobile(typed, fictional_allowed=True)

    assert "07400 123456" in str(caught.value)


@pytest.mark.parametrize("typed", ["07624 123456", "07797 712345", "07911 123456"])
def test_mobiles_of_the_islands_are_let_in(typed):
    assert addresses.normalise_mobile(typed, fictional_allowed=False).startswith("+447")


def test_fictional_numbers_are_for_the_sandbox_only():
    assert addresses.normalise_mobile("07700 900123", fictional_allowed=True) == "+447700900123"

    with pytest.raises(InvalidInputError, match="films and plays"):
        addresses.normalise_mobile("07700 900123", fictional_allowed=False)


def test_a_mailbox_is_kept_in_lower_case():
    assert addresses.normalise_email("  Resident.One@Example.COM ") == "resident.one@example.com"


@pytest.mark.parametrize(
    "typed",
    [
        "\u200fann@example.com",
        "ann@example.com\u200b",
        "mailto:ann@example.com",
        "ann@example.com;",
        "ann@example.com.",
    ],
)
def test_what_comes_along_when_a_mailbox_is_copied_is_left_out(typed):
    assert addresses.normalise_email(typed) == "ann@example.com"


def test_a_domain_in_other_letters_is_kept_as_mail_servers_spell_it():
    assert addresses.normalise_email("ash@exämple.org") == "ash@xn--exmple-cua.org"


def test_a_name_in_other_letters_is_refused_since_no_mail_would_reach_it():
    with pytest.raises(InvalidInputError, match=r"a to z\. Enter an email address"):
        addresses.normalise_email("jürgen@example.org")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "a@",
        "no at sign",
        "a@b",
        "a b@example.com",
        "x" * 300 + "@example.com",
        "a@example.com\r\nBcc: b@example.com",
    ],
)
def test_a_mailbox_that_is_none_gets_a_sentence_that_helps(typed):
    with pytest.raises(InvalidInputError, match=r"name@example\.com"):
        addresses.normalise_email(typed)


def test_an_address_has_one_row_however_often_it_is_asked_for(session, now):
    first = addresses.find_or_add(session, Medium.SMS, "+447700900001", address_key=KEY, now=now)
    other = addresses.find_or_add(session, Medium.SMS, "+447700900002", address_key=KEY, now=now)

    again = addresses.find_or_add(session, Medium.SMS, "+447700900001", address_key=KEY, now=now)

    assert again is first
    assert other.hash != first.hash


def test_the_hash_depends_on_the_key(session, now):
    address = addresses.find_or_add(session, Medium.SMS, "+447700900001", address_key=KEY, now=now)
    session.delete(address)
    session.flush()

    other = addresses.find_or_add(session, Medium.SMS, "+447700900001", address_key="b" * 64, now=now)

    assert other.hash != address.hash
