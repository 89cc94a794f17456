from sqlalchemy import func, select

from peoplelink.channels.messages import Medium
from peoplelink.outbound.models import Address
from peoplelink.subscribers import seed
from peoplelink.subscribers.imports import services
from peoplelink.subscribers.imports.models import Import, ImportRow, ImportStatus, RowStatus
from peoplelink.subscribers.models import ConsentRecord, Subscriber
from tests.subscribers.imports.killed import work_until
from tests.subscribers.imports.lists import begin, file_of, row

PEOPLE, WITH_A_NUMBER, REFUSED = 500, 300, 7


def count(look, what, *where):
    return look(lambda session: session.scalar(select(func.count()).select_from(what).where(*where)))


def test_workers_killed_while_they_read_and_while_they_add_leave_everybody_in_once(runtime, look, change, now):
    rows = [
        row(f"07700 90{number:04}" if number < WITH_A_NUMBER else "", f"r{number}@example.org")
        for number in range(PEOPLE)
    ]
    data = file_of(*rows, *[row("", f"x{number}@example.org", source="") for number in range(REFUSED)])
    change(lambda session: seed.plant(session, now=now))
    import_id = change(lambda session: begin(session, data, now).id)

    def is_(status):
        return look(lambda session: session.get_one(Import, import_id).status) is status

    assert work_until(runtime.config, lambda: count(look, ImportRow) > 100) == -9
    assert is_(ImportStatus.READING)
    assert work_until(runtime.config, lambda: False) == 0
    assert count(look, ImportRow, ImportRow.status == RowStatus.REFUSED) == REFUSED
    change(lambda session: services.start(session, session.get_one(Import, import_id), by="officer:x", now=now))

    assert work_until(runtime.config, lambda: count(look, Subscriber) > PEOPLE / 4) == -9
    assert PEOPLE / 4 < count(look, Subscriber) < PEOPLE
    assert work_until(runtime.config, lambda: False) == 0

    assert is_(ImportStatus.FINISHED)
    assert count(look, Subscriber) == PEOPLE
    assert count(look, Address, Address.medium == Medium.EMAIL) == PEOPLE
    assert count(look, Address, Address.medium == Medium.SMS) == WITH_A_NUMBER
    assert count(look, ConsentRecord) == PEOPLE + WITH_A_NUMBER
