import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from peoplelink import clock
from peoplelink.outbound import render
from peoplelink.subscribers import services, signup
from peoplelink.subscribers.models import ConsentRecord, SignUp
from tests.pages import soup, submit
from tests.subscribers import people
from tests.subscribers.join_form import post


def test_a_resident_joins_by_the_form_confirms_by_the_link_and_leaves_with_one_click(site, runtime):
    # A name with control characters: PostgreSQL refuses a NUL, and a name must stay on one line.
    post(site, runtime, name=" Ash\x00\n\tRowan\x07 ", mobile="", email="Resident@Example.org")
    with runtime.database.read() as session:
        where = people.address(session, clock.now(), people.EMAIL)
        [(_, _, mail)] = people.sent_to(session, where)
        assert session.scalars(select(SignUp.name)).one() == "Ash Rowan"

    path = mail.split("127.0.0.1:8000")[1].split(">")[0]
    submit(site, path)
    assert soup(site.get(path)).h1.text == "You are in"
    with runtime.database.read() as session:
        assert [one.name for one in services.subscribers_at(session, where)] == ["Ash Rowan"]

    site.post(render.leave_url(runtime.config, where.public_id), data={"List-Unsubscribe": "One-Click"})

    with runtime.database.read() as session:
        assert services.subscribers_at(session, where) == []
        lines = session.scalars(select(ConsentRecord).order_by(ConsentRecord.id)).all()
        assert [(line.action.value, line.how) for line in lines] == [("given", "link"), ("withdrawn", "one-click")]


def test_two_presses_of_the_button_at_once_ask_once(site, runtime):
    start = threading.Barrier(2)

    def press():
        with runtime.database.transaction() as session:
            wanted = people.request(session)
            start.wait(10)
            signup.sign_up(session, wanted, links=people.LINKS, address_key=people.ADDRESS_KEY, now=clock.now())

    with ThreadPoolExecutor(2) as pool:
        if runtime.database.engine.dialect.name == "sqlite":
            start = threading.Barrier(1)  # its writers come one after the other anyway
        for pressed in [pool.submit(press), pool.submit(press)]:
            pressed.result(30)

    with runtime.database.read() as session:
        assert len(people.sent_to(session, people.address(session, clock.now()))) == 1
