import datetime as dt

import pytest
from flask_login import login_user

from peoplelink import clock, languages
from peoplelink.broadcasts.models import BroadcastStatus
from peoplelink.console import look
from peoplelink.inbound.models import ConversationStatus
from peoplelink.intelligence.models import ReportStatus
from peoplelink.officers.models import Role
from peoplelink.outbound.states import DeliveryStatus
from tests.factories import make_officer

only_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
THIS_YEAR = clock.in_london(clock.now()).year


def a_day(month, day, hour=12, minute=0):
    return dt.datetime(THIS_YEAR, month, day, hour, minute, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (a_day(1, 5, 14), "5 January, 2pm"),
        (a_day(1, 5, 9, 5), "5 January, 9:05am"),
        (a_day(1, 5, 12), "5 January, midday"),
        (a_day(1, 5, 12, 30), "5 January, 12:30pm"),
        (a_day(1, 5, 0), "5 January, midnight"),
        (a_day(1, 5, 0, 15), "5 January, 12:15am"),
        (a_day(7, 5, 14), "5 July, 3pm"),  # summer time
        (a_day(7, 5, 23), "6 July, midnight"),  # already tomorrow in London
    ],
)
def test_a_moment_reads_as_people_say_it(moment, words):
    weekday, rest = look.london(moment).split(" ", 1)

    assert rest == words
    assert weekday == f"{clock.in_london(moment):%A}"


def test_a_moment_of_another_year_says_which():
    assert look.london(dt.datetime(2020, 3, 14, 14, tzinfo=dt.UTC)) == "Saturday 14 March 2020, 2pm"


@pytest.mark.parametrize(
    ("code", "words"), [("pl", "sobota, 14 marca 2020, 14:00"), ("ur", "ہفتہ، 14 مارچ، 2020, 14:00")]
)
def test_a_moment_is_said_in_the_readers_language(code, words):
    with languages.speaking(code):
        assert look.london(dt.datetime(2020, 3, 14, 14, tzinfo=dt.UTC)) == words


def test_a_date_has_no_time():
    assert look.london(dt.date(2020, 3, 14)) == "Saturday 14 March 2020"


def test_no_moment_is_no_words():
    assert look.london(None) == ""


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        look.london(dt.datetime(2020, 3, 14, 14))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("+447700900123", "07•••• ••0123"),
        ("+441163260000", "•••••• ••0000"),
        ("resident@example.org", "r•••@example.org"),
        ("a@example.org", "a•••@example.org"),
        (None, ""),
        ("", ""),
    ],
)
def test_an_address_is_masked(value, shown):
    assert look.masked(value) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+447700900123", "07700 900123"), ("+441163260000", "0116 326 0000"), ("87070x", "87070x"), (None, "")],
)
def test_a_number_is_written_as_people_here_do(number, shown):
    assert look.national(number) == shown


@pytest.mark.parametrize(
    ("number", "many", "words"),
    [(1, "people", "1 person"), (0, "people", "0 people"), (1204, "people", "1,204 people"), (2, "", "2 persons")],
)
def test_a_count_takes_its_word(number, many, words):
    assert look.count_of(number, "person", many) == words


@only_sqlite
@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("delivery", DeliveryStatus),
        ("broadcast", BroadcastStatus),
        ("conversation", ConversationStatus),
        ("report", ReportStatus),
    ],
)
def test_every_status_has_its_word(app, kind, members):
    statuses = app.jinja_env.get_template("macros/status.html").module.STATUSES

    assert set(statuses[kind]) == {member.value for member in members}


@only_sqlite
def test_a_status_is_a_word_before_it_is_a_colour(app):
    macro = app.jinja_env.get_template("macros/status.html").module.status

    tag = macro("delivery", DeliveryStatus.UNCONFIRMED)

    assert ">Unconfirmed</strong>" in tag


@only_sqlite
def test_the_bar_of_nothing_sent_does_not_divide_by_nothing(app):
    macro = app.jinja_env.get_template("macros/status.html").module.progress

    bar = macro("delivery", {}, "Nothing to send")

    assert "Nothing to send" in bar
    assert "<rect" not in bar


@only_sqlite
def test_the_bar_takes_its_shares_from_the_counts(app):
    macro = app.jinja_env.get_template("macros/status.html").module.progress

    bar = macro("delivery", {DeliveryStatus.DELIVERED: 3, DeliveryStatus.FAILED: 1}, "3 of 4 delivered")

    assert 'x="0" width="75.0"' in bar
    assert 'x="75.0" width="25.0"' in bar


@only_sqlite
def test_another_page_of_a_list_keeps_its_filters(fresh_app):
    fresh_app.add_url_rule("/test/<zone>/list", "test_list", lambda zone: zone)

    with fresh_app.test_request_context("/test/new-parks/list?status=new&status=open&page=2"):
        address = look.page_url(3)

    assert address == "/test/new-parks/list?status=new&status=open&page=3"


@only_sqlite
@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/officer", "Home"),
        ("/officer/broadcasts/new", "Broadcasts"),
        ("/officer/inbox", "Inbox"),
        ("/officer/conversations/x", "Inbox"),
        ("/officer/reports", "Reports"),
        ("/officer/password", None),
    ],
)
def test_the_navigation_shows_where_one_is(app, session, path, part):
    officer = make_officer(session)

    with app.test_request_context(path):
        login_user(officer)
        current = [item["text"] for item in look.officer_navigation() if item["active"]]

    assert current == ([part] if part else [])


@only_sqlite
def test_the_navigation_shows_only_what_one_may_open(app, session):
    officer = make_officer(session, role=Role.VIEWER)

    with app.test_request_context("/officer"):
        login_user(officer)
        shown = [item["text"] for item in look.officer_navigation()]

    assert shown == ["Home", "Broadcasts"]
