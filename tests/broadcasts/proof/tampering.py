"""What somebody with SQL may do to the past, and what they are told of: statements, and a part of the sentence."""

from sqlalchemy import text


def update(table, change, where):
    return f"UPDATE {table} SET {change} WHERE {where}"


def delete(table, where):
    return f"DELETE FROM {table} WHERE {where}"


OTHER_OFFICER = "(SELECT id FROM officers WHERE id <> :officer ORDER BY id LIMIT 1)"
OF_IT = "broadcast_id = :broadcast"
IT = "id = :broadcast"
CARRIED = "dispatch_id = :dispatch"
SMS = f"(SELECT id FROM contents WHERE {CARRIED} AND medium = 'sms')"
FIRST = f"(SELECT min(id) FROM deliveries WHERE {CARRIED})"
LAST = f"(SELECT max(id) FROM deliveries WHERE {CARRIED})"
MIDDLE = f"(SELECT max(id) FROM deliveries WHERE {CARRIED} AND id < {LAST})"
ELSEWHERE = "SELECT :broadcast, id FROM zones WHERE name = 'Elsewhere'"
LINKS, LISTS = "broadcast_proofs", "broadcast_proof_stretches"

NEW_CONTENT = """INSERT INTO contents (dispatch_id, medium, language, subject, text, html, segments, personal)
    VALUES (:dispatch, 'sms', 'pl', '', 'x', '', 1, false)"""
NEW_DELIVERY = f"""INSERT INTO deliveries (public_id, dispatch_id, address_id, content_id, lane, status, rank, attempt,
    tries, segments, merge, created_at)
    SELECT 'forged', :dispatch, :address, {SMS}, 'sms:urgent', 'delivered', 50, 1, 0, 1, '{{}}', :later"""
NEW_LINK = f"""INSERT INTO {LINKS} (broadcast_id, number, kind, facts, made_at, previous, key_id, link)
    SELECT broadcast_id, 5, 'late', '{{"deliveries": {{}}}}', made_at, link, key_id, 'x'
    FROM {LINKS} WHERE {OF_IT} AND number = 4"""
NEW_LIST = f"""INSERT INTO {LISTS} (broadcast_id, link, number, after, up_to, rows, people, tags, states)
    SELECT broadcast_id, 9, number, after, up_to, rows, people, tags, '[["delivered", 7]]'
    FROM {LISTS} WHERE {OF_IT} AND link = 3"""


def words(change, medium="sms"):
    return update("broadcast_contents", change, f"{OF_IT} AND medium = '{medium}'")


def link(number, change):
    return update(LINKS, change, f"{OF_IT} AND number = {number}")


def listed(number, change):
    return update(LISTS, change, f"{OF_IT} AND link = {number}")


def of_second(column):
    return f"(SELECT {column} FROM {LINKS} WHERE broadcast_id = :second AND number = 4)"


WORDS = {
    words("body = 'x'"): "The words of the text message (en) have been changed",
    words("body = 'x'", "email"): "The words of the email (en) have been changed",
    words("subject = 'x'", "email"): "The subject of the email (en) has been changed",
    delete("broadcast_contents", f"{OF_IT} AND medium = 'sms'"): "The text message (en) has been taken away",
    "INSERT INTO broadcast_contents (broadcast_id, medium, language, subject, body)"
    " VALUES (:broadcast, 'sms', 'pl', '', 'x')": "The text message (pl) has been added: it was never sent",
    update("broadcasts", "title = 'x'", IT): "The title has been changed. It was “A fair”",
    update("contents", "text = 'x'", f"id = {SMS}"): (
        "The text message (en) as it was handed over has been changed (words)"
    ),
    update("contents", "html = 'x'", f"{CARRIED} AND medium = 'email'"): (
        "The email (en) as it was handed over has been changed (words)"
    ),
    update("contents", "segments = 9", f"id = {SMS}"): (
        "The text message (en) as it was handed over has been changed (segments)"
    ),
    NEW_CONTENT: "The text message (pl) as it was handed over has been added",
}
AUDIENCE = {
    delete("broadcast_zones", OF_IT): "The zones it was for have been changed",
    f"INSERT INTO broadcast_zones (broadcast_id, zone_id) {ELSEWHERE}": "They were: New Parks",
    delete("broadcast_topics", OF_IT): "The topics it was for have been changed",
    update("broadcasts", "recipients = '{\"sms\": 1}'", IT): (
        "The number of people it went to has been changed. It was: 3 by email, 4 by sms"
    ),
    update("broadcasts", "left_out = '{}'", IT): "How many people were left out, and why, has been changed",
}
SIGNATURES = {
    update("broadcasts", f"sent_by_id = {OTHER_OFFICER}", IT): "Who sent it has been changed",
    update("broadcasts", "sent_by_id = NULL", IT): "Who sent it has been changed",
    update("broadcasts", f"created_by_id = {OTHER_OFFICER}", IT): "Who wrote it has been changed",
    update("broadcasts", f"approved_by_id = {OTHER_OFFICER}", IT): (
        "The approval has been changed. It was: off: a single officer"
    ),
}
COURSE = {
    update("broadcasts", "scheduled_for = :later", IT): "When it was to go out has been changed. It was: not set",
    update("broadcasts", "expires_at = :later", IT): "Until when it was of use has been changed. It was: not set",
    update("broadcasts", "ignores_quiet_hours = true", IT): "Whether it might go out in quiet hours has been changed",
    update("broadcasts", "ignores_quiet_because = 'x'", IT): "The reason why it might go out in quiet hours has been",
    update("broadcasts", "released_at = :later", IT): "When it was released has been changed",
    update("broadcasts", "finished_at = :later", IT): "When it finished has been changed",
    update("broadcasts", "status = 'sending'", IT): "It had ended, and the broadcast says “sending”",
    update("broadcasts", "status = 'cancelled'", IT): "says “cancelled”, and no link says “cancelled”",
    update("broadcasts", "dispatch_id = :strange", IT): "points to the deliveries of something else",
    update("broadcasts", "dispatch_id = NULL", IT): "does not know its deliveries any more",
    update("dispatches", "urgency = 'bulk'", "id = :dispatch"): "How urgent the messages were has been changed",
    update("dispatches", "purpose = 'test'", "id = :dispatch"): "What the messages were for has been changed",
    update("dispatches", "created_at = :later", "id = :dispatch"): "When the messages were made has been changed",
    update("dispatches", "cancelled_at = :later", "id = :dispatch"): "no link says that anybody cancelled it",
}
STATES = {
    update("deliveries", "status = 'delivered', reason = NULL", f"id = {FIRST}"): (
        "was “failed: unreachable” at the end, and says “delivered” now"
    ),
    update("deliveries", "reason = 'bad_address'", f"id = {FIRST}"): (
        "was “failed: unreachable” at the end, and says “failed: bad address” now"
    ),
    update("deliveries", "status = 'failed'", f"id = {LAST}"): "was “delivered” at the end, and says “failed” now",
    update("deliveries", "status = 'queued'", f"id = {LAST}"): "was “delivered” at the end, and says “queued” now",
    update("deliveries", "status = 'delivered'", f"{CARRIED} AND status = 'unconfirmed'"): (
        "was “unconfirmed” at the end, and says “delivered” now"
    ),
}
PEOPLE = {
    delete("deliveries", f"id = {MIDDLE}"): (
        "1 delivery taken away since the release, and no link says that they were erased"
    ),
    delete("deliveries", f"id = {LAST}"): "1 delivery taken away",
    delete("deliveries", CARRIED): "7 deliveries taken away",
    NEW_DELIVERY: "1 delivery added since the release: forged",
    update("deliveries", "address_id = :address", f"id = {LAST}"): (
        "1 delivery changed since the release: another address, other words, or another id"
    ),
    update("deliveries", f"content_id = (SELECT max(id) FROM contents WHERE NOT {CARRIED})", f"id = {FIRST}"): (
        "1 delivery changed since the release"
    ),
    update("deliveries", "public_id = 'forged'", f"id = {LAST}"): (
        "another address, other words, or another id: forged"
    ),
    update("addresses", "hash = 'x'", f"id = (SELECT address_id FROM deliveries WHERE id = {FIRST})"): (
        "1 delivery changed since the release"
    ),
}
CHAIN = {
    link(1, "facts = '{}'"): "Link 1 (sent) has been changed",
    link(4, "facts = '[]'"): "Link 4 (finished) has been changed",
    link(2, "kind = 'paused'"): "Link 2 (paused) has been changed",
    link(2, "made_at = :later"): "Link 2 (frozen) has been changed",
    link(2, "link = 'x'"): "Link 2 (frozen) has been changed",
    link(2, "previous = 'x'"): "Link 2 (frozen) does not follow the link before it",
    link(3, "key_id = 'x'"): "Link 3 (released) cannot be checked: it was made with the key x, which is not set",
    delete(LINKS, f"{OF_IT} AND number = 1"): "Link 1 is missing",
    delete(LINKS, f"{OF_IT} AND number IN (2, 3)"): "Links 2 to 3 are missing",
    delete(LINKS, f"{OF_IT} AND number = 4"): "The broadcast says “finished”, and no link says “finished”",
    delete(LINKS, OF_IT): "There is no proof of it",
    f"{delete(LINKS, f'{OF_IT} AND number = 2')};{update(LINKS, 'number = number - 1', f'{OF_IT} AND number > 2')}": (
        "Link 2 (released) does not follow the link before it"
    ),
    f"{update(LINKS, 'number = -number', f'{OF_IT} AND number IN (2, 3)')};"
    f"{update(LINKS, 'number = 5 + number', f'{OF_IT} AND number < 0')}": (
        "Link 2 (released) does not follow the link before it"
    ),
    NEW_LINK: "Link 5 (late) has been changed, or was not made by People Link",
    link(4, f"facts = {of_second('facts')}, link = {of_second('link')}"): "Link 4 (finished) has been changed",
}
KEPT_LISTS = {
    listed(4, "states = '[]'"): "The list of deliveries that belongs to Link 4 (finished) has been changed",
    listed(3, "people = 'x'"): "The list of deliveries that belongs to Link 3 (released) has been changed",
    listed(3, "tags = ''"): "The list of deliveries that belongs to Link 3 (released) has been changed",
    delete(LISTS, OF_IT): "The list of deliveries that belongs to Link 3 (released) has been changed",
    NEW_LIST: "There is a list of deliveries that no sound link speaks of (it says link 9)",
}

CASES = WORDS | AUDIENCE | SIGNATURES | COURSE | STATES | PEOPLE | CHAIN | KEPT_LISTS


def tamper(session, statements, names):
    """Run SQL past every service; `names` are what its parameters stand for."""
    for statement in statements.split(";"):
        session.execute(text(statement), {name: value for name, value in names.items() if f":{name}" in statement})
