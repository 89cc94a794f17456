import pytest
from hypothesis import given
from hypothesis import strategies as st

from peoplelink.subscribers import commands
from peoplelink.subscribers.commands import Order

STOPS = [
    "STOP",
    "stop",
    " Stop ",
    "sToP\n",
    "STOP.",
    "stop!!!",
    '"STOP"',
    "\u201cStop\u201d",
    "'stop'",
    "(stop)",
    "*STOP*",
    "S T O P",
    "st\u200bop",
    "\ufeffstop",
    "STOP \U0001f6d1",
    "\U0001f620stop",
    "\uff53\uff54\uff4f\uff50",
    "stóp",
    "STOPALL",
    "Stop all",
    "stop-all",
    "UNSUBSCRIBE",
    "unsubscribe.",
    "cancel",
    "End",
    "END.",
    "quit",
    "revoke",
    "OPTOUT",
    "opt out",
    "Opt-out",
    "سٹاپ",
    "رکو",
    "رک جائیں",
    "مجھے پیغام نہ بھیجیں",
]
POLITE_STOPS = [
    "stop please",
    "please stop",
    "Please STOP.",
    "STOP now",
    "stop texting me",
    "Stop messages",
    "STOP TEXTS please",
    "hi, stop please",
    "STOP karo",
    "stop karein please",
    "proszę przestać",
    "stop this",
    "stop it",
    "stopit",
    "unsubscribe me",
    "opt out please",
    "OK stop",
    "stop thanks",
    "cancel messages",
    "end texts",
    "stop sending me texts",
    "quit please",
]
NOTHING = [
    "",
    " ",
    "\U0001f44d",
    "?",
    "Count me in, we have to STOP this",
    "we have to STOP this",
    "Stopped by the hall today",
    "The bus stop is broken",
    "end of the road is flooded",
    "cancel that party",
    "help me",
    "Help! There is a fire",
    "please help",
    "help please",
    "info about the fair",
    "yes but not on Sunday",
    "Yes I will be there",
    "yesterday",
    "not yes",
    "started raining",
    "start of the fair",
    "I would like to join in",
    "we joined hands",
    "stop " * 60,
    "yes " * 100,
]
GUESSES = ["bus stop", "don't stop", "do not stop", "leave it there", "JOIN us all at the hall on Sunday night"]


@pytest.mark.parametrize("text", STOPS)
def test_a_stop_word_alone_is_an_exact_stop_however_it_is_typed(text):
    assert commands.exact_stop(text)
    assert commands.read(text).order is Order.STOP


@pytest.mark.parametrize("text", POLITE_STOPS)
def test_a_stop_with_politeness_around_it_is_a_stop_but_not_an_exact_one(text):
    assert commands.read(text).order is Order.STOP
    assert not commands.exact_stop(text) or text == "stopit"


@pytest.mark.parametrize("text", GUESSES)
def test_what_would_be_an_order_if_it_named_a_zone_is_a_guess(text):
    assert commands.read(text).guess
    assert not commands.exact_stop(text)


@pytest.mark.parametrize("text", ["no", "No, thank you!", "nope", "NIE", "نہیں"])
def test_a_no_is_read(text):
    assert commands.read(text).order is Order.NO


@pytest.mark.parametrize("text", ["Join New Parks\n\nSent from my Galaxy", "join new parks\nGet Outlook for Android"])
def test_what_a_phone_puts_below_is_no_part_of_an_order(text):
    assert commands.read(text) == commands.Command(Order.JOIN, "NEW PARKS")


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_not_an_order_is_left_to_a_person(text):
    assert commands.read(text).order is Order.NOTHING
    assert not commands.exact_stop(text)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("STOP NEWPARKS", "NEWPARKS"),
        ("stop new parks", "NEW PARKS"),
        ("Stop texts about Coalville", "ABOUT COALVILLE"),
        ("STOPNEWPARKS", "NEWPARKS"),
        ("unsubscribe coalville please", "COALVILLE"),
        ("opt out bell foundry", "BELL FOUNDRY"),
        ("stop the fireworks", "FIREWORKS"),
        ("stopping", "PING"),
    ],
)
def test_what_follows_stop_is_handed_on(text, rest):
    assert commands.read(text) == commands.Command(Order.STOP_ABOUT, rest)


@pytest.mark.parametrize("text", ["START", "start", "Start.", "unstop", "UNSTOP!", "start please", "\u200bstart\u200b"])
def test_start_is_read(text):
    assert commands.read(text).order is Order.START


@pytest.mark.parametrize("text", ["HELP", "help", "Help?", "info", "INFO.", '"help"'])
def test_help_alone_is_read(text):
    assert commands.read(text).order is Order.HELP


@pytest.mark.parametrize(
    "text",
    [
        "YES",
        "yes",
        "Yes.",
        "Y",
        "y",
        "yes!",
        "YES!!",
        "Yes please",
        "yes, thank you",
        '"YES"',
        "\u2018yes\u2019",
        "Yep",
        "yeah",
        "yup",
        "yes \U0001f44d",
        "YES\u200b",
        "\tyes\n",
        "hi yes please",
        "yes I agree",
        "Yes sign me up",
        "yes I want to join",
    ],
)
def test_yes_is_read_in_the_ways_people_say_it(text):
    assert commands.read(text).order is Order.YES


@pytest.mark.parametrize(
    ("text", "rest", "guess"),
    [
        ("JOIN NEWPARKS", "NEWPARKS", False),
        ("join new parks", "NEW PARKS", False),
        ("JOIN  NEWPARKS.", "NEWPARKS", False),
        ("please join bell-foundry", "BELL FOUNDRY", False),
        ("JOIN", "", False),
        ("join!", "", False),
        ("joinnewparks", "NEWPARKS", True),
        ("Joining tomorrow", "ING TOMORROW", True),
    ],
)
def test_join_hands_on_what_follows(text, rest, guess):
    assert commands.read(text) == commands.Command(Order.JOIN, rest, guess=guess)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("STOP", True), (" stop\n", True), ("Stop.", False), ("stop all", False), ("\u200bstop", False)],
)
def test_twilio_takes_only_a_bare_word_for_its_own(text, expected):
    assert commands.is_word(text, commands.STOP_WORDS) is expected


@given(st.text(max_size=400))
def test_reading_never_fails_and_an_exact_stop_is_always_a_stop(text):
    command = commands.read(text)

    assert commands.exact_stop(text) <= (command.order is Order.STOP)
