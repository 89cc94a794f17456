"""Wrong passwords: who is shut out by them, and who is not."""

import dataclasses
import itertools

import pytest

from peoplelink import clock, web
from peoplelink.app import create_app
from peoplelink.officers import services
from peoplelink.officers.models import Role
from tests.pages import csrf_token, soup

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

SIGN_IN, EMAIL, OTHER, PASSWORD = "/officer/sign-in", "one@example.org", "two@example.org", "three odd words here"
OFFICE, HOME = "192.0.2.7", "198.51.100.9"
KNOWN = "peoplelink-device"


@pytest.fixture(autouse=True)
def officers(database):
    with database.transaction() as session:
        for email in (EMAIL, OTHER):
            services.create(
                session, name="An Officer", email=email, password=PASSWORD, role=Role.COMPOSER, all_zones=True,
                now=clock.now(),
            )  # fmt: skip


class Browser:
    """A browser at an address."""

    def __init__(self, app, address=OFFICE):
        self.client, self.address = app.test_client(), address

    def sign_in(self, email=EMAIL, password=PASSWORD, address=None):
        return self.post(SIGN_IN, address, email=email, password=password)

    def post(self, path, address=None, **fields):
        fields["csrf_token"] = csrf_token(self.client, path)
        return self.client.post(path, data=fields, environ_overrides={"REMOTE_ADDR": address or self.address})

    def go_wrong(self, times, email=EMAIL, addresses=(None,)):
        """So many wrong passwords; True when each of them was looked at."""
        answers = [self.sign_in(email, "not this one!", next_) for next_ in itertools.islice(
            itertools.cycle(addresses), times)]  # fmt: skip
        return {answer.status_code for answer in answers} == {422}

    @property
    def cookie(self):
        return self.client.get_cookie(KNOWN)


@pytest.fixture
def browser(app):
    return Browser(app)


@pytest.fixture
def known(app):
    """A browser at home that its officer has signed in with before."""
    made = Browser(app, HOME)
    assert made.sign_in().status_code == 302
    return made


def networks(number):
    return [f"203.0.113.{host}" for host in range(number)]


def test_after_ten_wrong_passwords_even_the_right_one_waits(browser):
    assert browser.go_wrong(10)

    answer = browser.sign_in()

    assert answer.status_code == 429
    assert "Wait 15 minutes" in soup(answer).get_text(" ")
    assert browser.client.get("/officer").location.startswith(SIGN_IN)


def test_whoever_types_wrongly_shuts_out_neither_colleagues_nor_the_owner_elsewhere(app, browser):
    assert browser.go_wrong(10)

    assert browser.sign_in(OTHER).status_code == 302
    assert Browser(app, HOME).sign_in().status_code == 302
    assert Browser(app).sign_in().status_code == 429


@pytest.mark.parametrize("spelt", [" ONE@Example.org ", "o\x00ne@example.org"])
def test_an_account_is_one_account_however_it_is_spelt(browser, spelt):
    assert browser.go_wrong(5)
    assert browser.go_wrong(5, spelt)

    assert browser.sign_in().status_code == 429


def test_addresses_of_one_ipv6_customer_count_together(browser):
    assert browser.go_wrong(10, addresses=["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"])

    assert browser.sign_in(address="2001:db8:1:2::77").status_code == 429
    assert browser.sign_in(address="2001:db8:1:3::1").status_code == 302


def test_an_account_guessed_at_from_everywhere_is_shut_to_strangers_but_not_to_browsers_it_knows(app, browser, known):
    assert browser.go_wrong(30, addresses=networks(6))

    assert Browser(app, "203.0.113.200").sign_in().status_code == 429
    assert browser.sign_in(OTHER).status_code == 302
    assert known.sign_in().status_code == 302


@pytest.mark.timeout(240)
def test_a_network_that_guesses_at_many_accounts_is_shut_out_but_for_browsers_we_know(app, browser, known):
    for number in range(10):
        assert browser.go_wrong(10, f"somebody{number}@example.org")

    assert Browser(app).sign_in(OTHER).status_code == 429
    assert Browser(app, HOME).sign_in(OTHER).status_code == 302
    assert known.sign_in(address=OFFICE).status_code == 302


def test_a_browser_we_know_has_ten_tries_too_and_shuts_out_nobody_else(app, known):
    assert known.go_wrong(10)

    assert known.sign_in().status_code == 429
    assert Browser(app, HOME).sign_in().status_code == 302


def test_a_browser_is_known_for_the_accounts_it_signed_in_to_and_no_other(app, browser):
    stranger = Browser(app)
    assert stranger.sign_in(OTHER).status_code == 302
    assert browser.go_wrong(10)

    assert stranger.sign_in().status_code == 429


def test_a_shared_browser_is_known_for_all_who_use_it(app, browser, known):
    assert known.sign_in(OTHER).status_code == 302
    for email in (EMAIL, OTHER):
        assert browser.go_wrong(10, email, addresses=[HOME])

    assert [known.sign_in(email).status_code for email in (EMAIL, OTHER)] == [302, 302]
    assert Browser(app, HOME).sign_in().status_code == 429


@pytest.mark.parametrize(
    "spoil",
    [lambda value: value[:-1] + ("A" if value[-1] != "A" else "Q"), lambda value: "x" * 3000, lambda value: "é"],
)
def test_a_cookie_that_we_did_not_sign_makes_nobody_known(browser, known, spoil):
    known.client.set_cookie(KNOWN, spoil(known.cookie.value))
    assert browser.go_wrong(10, addresses=[HOME])

    assert known.sign_in().status_code == 429


def test_the_cookie_of_a_known_browser_opens_nothing_and_names_nobody(app, known):
    stolen = app.test_client()
    stolen.set_cookie(KNOWN, known.cookie.value)

    assert stolen.get("/officer").location.startswith(SIGN_IN)
    assert "example" not in known.cookie.value


def test_the_cookie_of_a_known_browser_is_kept_from_scripts_and_lasts_a_year(app, runtime):
    plain = Browser(app).sign_in().headers.getlist("Set-Cookie")
    secure = create_app(
        dataclasses.replace(runtime, config=dataclasses.replace(runtime.config, public_url="https://link.example.org"))
    ).test_client()
    page = secure.get(SIGN_IN, base_url="https://link.example.org")
    token = soup(page).find("input", {"name": "csrf_token"})["value"]
    answer = secure.post(
        SIGN_IN, base_url="https://link.example.org", data={"email": EMAIL, "password": PASSWORD, "csrf_token": token}
    )

    [cookie] = [one for one in plain if one.startswith(f"{KNOWN}=")]
    assert {"HttpOnly", "SameSite=Strict", "Max-Age=31536000", "Path=/"} <= set(cookie.split("; "))
    [cookie] = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith(f"__Host-{KNOWN}=")]
    assert "Secure" in cookie.split("; ")


def test_a_browser_stays_known_when_the_key_that_signs_is_rotated(app, runtime, browser, known):
    config = dataclasses.replace(runtime.config, secret_key="n" * 64, secret_key_fallbacks=(runtime.config.secret_key,))
    rotated = create_app(dataclasses.replace(runtime, config=config))
    later, stranger = Browser(rotated, HOME), Browser(rotated, HOME)
    later.client.set_cookie(KNOWN, known.cookie.value)
    assert stranger.go_wrong(10)

    assert later.sign_in().status_code == 302
    assert stranger.sign_in().status_code == 429


def test_right_passwords_and_forms_left_empty_do_not_use_up_tries(browser):
    answers = {browser.sign_in().status_code for _ in range(12)}
    empty = {browser.sign_in(password="").status_code for _ in range(12)}

    assert (answers, empty) == ({302}, {422})
    assert browser.sign_in().status_code == 302


def test_the_limits_in_redis_hold_no_mailbox(browser, runtime):
    browser.go_wrong(1)

    held = [key for key in runtime.redis.scan_iter("*") if b"plimit" in key or b"LIMIT" in key]
    assert held
    assert not any(b"example" in key for key in held)


def test_who_mistypes_the_present_password_does_not_keep_colleagues_from_changing_theirs(app, browser):
    colleague = Browser(app)
    for one, email in ((browser, EMAIL), (colleague, OTHER)):
        one.sign_in(email)
    new = {"new": "three other words", "again": "three other words"}

    wrong = {browser.post("/officer/password", present="not this one!", **new).status_code for _ in range(10)}

    assert wrong == {422}
    assert browser.post("/officer/password", present=PASSWORD, **new).status_code == 429
    assert colleague.post("/officer/password", present=PASSWORD, **new).status_code == 302


def test_a_stranger_is_led_to_the_sign_in_page_and_not_counted(browser):
    token = csrf_token(browser.client, SIGN_IN)

    answer = browser.client.post("/officer/password", data={"csrf_token": token})

    assert answer.location.startswith(SIGN_IN)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("unix:", "unix:"),
    ],
)
def test_a_client_is_counted_by_its_network(app, address, network):
    with app.test_request_context("/", environ_overrides={"REMOTE_ADDR": address}):
        assert web.client_network() == network
