"""Every page that anybody may open, and each state of it that looks different.

`test_every_public_page` holds this table to the application's map of addresses: a new page stands here, or in NO_PAGE
with the reason.
"""

from peoplelink.preferences.asking import _ASKED as ASKED_FOR_LINK
from peoplelink.preferences.parts import PARTS
from peoplelink.rights.public import _SENT as COMPLAINED
from peoplelink.subscribers.views import ASKED
from peoplelink.subscribers.waiting_views import _ASKED as ASKED_TO_WAIT
from peoplelink.subscribers.waiting_views import _SECTOR as SECTOR
from tests.browser.shown import Shown, errors

NO_PAGE = {
    "static": "styles, scripts and pictures",
    "console.healthz": "for machines",
    "console.readyz": "for machines",
    "my_data.download": "a file to keep: held to the same in test_every_email_and_file",
}
BOTH, WAITS = {ASKED: ["sms", "email"]}, {SECTOR: "LE4 5"}
OWN = {"token": "own", "who": "robin"}
SHARED = {"token": "household", "who": "ash"}

PUBLIC = (
    Shown("console.home"),
    Shown("rights.privacy"),
    Shown("console.accessibility"),
    Shown("console.cookies"),
    Shown("console.contact"),
    Shown("error", "nothing-there", address="/nowhere", status=404),
    # Joining
    Shown("subscribers.join"),
    Shown("subscribers.join", "ticked", query={"zone": "new-parks"}),
    errors("subscribers.join"),
    Shown("subscribers.check", cookie=BOTH),
    Shown("subscribers.check", "once-more", query={"again": 1}, cookie={ASKED: ["email"]}),
    Shown("again.again"),
    errors("again.again"),
    Shown("subscribers.confirm", arguments={"token": "asked"}),
    Shown("subscribers.confirm", "done", arguments={"token": "confirmed"}),
    Shown("subscribers.confirm", "broken", arguments={"token": "broken"}, status=404),
    Shown("embed.join", query={"zone": "new-parks"}),
    errors("embed.join"),
    Shown("embed.check", query={"by": ["sms", "email"]}),
    # Finding a zone, and waiting for one
    Shown("waiting.find"),
    errors("waiting.find"),
    Shown("waiting.not_yet", cookie=WAITS),
    errors("waiting.not_yet", cookie=WAITS),
    Shown("waiting.check", cookie={ASKED_TO_WAIT: ["sms", "email"]}),
    Shown("waiting.confirm", arguments={"token": "waiting"}),
    Shown("waiting.confirm", "done", arguments={"token": "waited"}),
    Shown("waiting.confirm", "broken", arguments={"token": "broken"}, status=404),
    # Leaving
    Shown("subscribers.leave", arguments={"token": "leave-email"}),
    Shown("subscribers.leave", "texts", arguments={"token": "leave-text"}),
    Shown("subscribers.leave", "done", arguments={"token": "left-email"}),
    Shown("subscribers.leave", "texts-done", arguments={"token": "left-text"}),
    Shown("subscribers.leave", "broken", arguments={"token": "broken"}, status=404),
    # The preference centre
    Shown("preference_links.ask"),
    errors("preference_links.ask"),
    Shown("preference_links.check", cookie={ASKED_FOR_LINK: "email"}),
    Shown("preference_links.check", "texts", cookie={ASKED_FOR_LINK: "sms"}),
    Shown("preferences.home", arguments={"token": "own"}),
    Shown("preferences.home", "household", arguments={"token": "household"}),
    Shown("preferences.home", "gone", arguments={"token": "gone"}),
    Shown("preferences.home", "broken", arguments={"token": "broken"}, status=404),
    Shown("preferences.person", arguments=SHARED),
    *(Shown("preferences.part", part, arguments=OWN | {"part": part}) for part in PARTS),
    *(
        errors("preferences.part", state=f"{part}-errors", arguments=OWN | {"part": part})
        for part in ("number", "mailbox")
    ),
    errors(
        "preferences.part",
        state="times-errors",
        arguments=OWN | {"part": "times"},
        ticked="input[name=pause][value=day]",
    ),
    Shown("preferences.what_we_hold", arguments=OWN),
    Shown("preferences.what_we_hold", "household", arguments=SHARED),
    Shown("preferences.leave", arguments=OWN),
    Shown("preferences.leave", "household", arguments=SHARED),
    # What residents may ask by right
    Shown("rights.complain"),
    errors("rights.complain"),
    Shown("rights.complained", cookie={COMPLAINED: "4K7-PQM"}),
    Shown("my_data.show", arguments={"token": "data"}),
    Shown("my_data.show", "objecting", arguments={"token": "objecting"}),
    Shown("my_data.show", "erased", arguments={"token": "erased"}, status=404),
    Shown("my_data.show", "broken", arguments={"token": "broken"}, status=404),
    Shown("my_data.receipt", arguments={"token": "data"}),
    Shown("my_data.erase", arguments={"token": "data"}),
    Shown("my_data.erased"),
    Shown("my_data.asked"),
    # For officers, before anybody knows who they are
    Shown("officers.sign_in"),
    errors("officers.sign_in"),
)

FOR_OFFICERS = {"officers.sign_in"}
"""In English, whatever the reader's browser asks for."""
