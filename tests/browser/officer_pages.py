"""Every page behind a guard, and each state of it that looks different; see public_pages."""

from tests.browser.shown import Shown, errors

NO_PAGE = {
    "broadcasts.preview_email": "an email, in a frame of the preview: see test_every_email_and_file",
    "broadcasts.progress.fragment": "a part of a page",
    "imports.progress": "a part of a page",
    "imports.refused_rows": "a file to save",
    "inbound.download": "a file to save",
    "inbound.unplaced.download": "a file to save",
}


def of(endpoint: str, which: str, state: str = "", **how: object) -> Shown:
    """A page about one thing, which the planted town knows by this name."""
    return Shown(endpoint, state or which, arguments={"public_id": which}, **how)


OFFICERS = (
    Shown("officer_home.home"),
    Shown("officers.password"),
    errors("officers.password"),
    # Broadcasts
    Shown("broadcasts.index"),
    Shown("broadcasts.new"),
    errors("broadcasts.new"),
    of("broadcasts.edit", "draft"),
    of("broadcasts.preview", "draft"),
    of("broadcasts.preview", "scheduled"),
    of("broadcasts.preview", "finished"),
    of("broadcasts.confirm", "draft"),
    of("broadcasts.drafts.confirm_discard", "draft"),
    of("broadcasts.progress.show", "trouble"),
    of("broadcasts.progress.show", "finished"),
    of("broadcasts.progress.deliveries", "trouble"),
    of("broadcasts.progress.deliveries", "finished", "nobody", query={"state": "failed"}),
    of("broadcasts.steering.confirm_cancel", "trouble"),
    of("broadcasts.steering.confirm_retry", "trouble"),
    of("broadcasts.steering.ask_unconfirmed", "trouble"),
    # What residents write, and what is made of it
    Shown("inbound.list_conversations"),
    *(Shown("inbound.list_conversations", tab, query={"tab": tab}) for tab in ("mine", "open", "done")),
    of("inbound.read", "conversation"),
    of("inbound.read", "mine"),
    of("ending.ask", "conversation"),
    Shown("ending.ask_whom"),
    errors("ending.ask_whom"),
    Shown("inbound.list_unplaced"),
    of("inbound.unplaced.show", "unplaced"),
    Shown("intelligence.list_reports"),
    Shown("intelligence.list_reports", "nothing", query={"mine": 1}),
    of("intelligence.read", "report"),
    of("intelligence.writing.open_report", "conversation"),
    of("intelligence.writing.edit", "report"),
    of("intelligence.writing.grade", "report"),
    of(
        "intelligence.writing.grade", "report", "asked",
        query={"source": "first", "knows": "saw", "sharing": "yes"},
    ),
    # Who joins
    Shown("face_to_face.form"),
    errors("face_to_face.form"),
    Shown("imports.index"),
    of("imports.show", "import"),
    of("imports.show", "imported"),
    of("imports.show", "import-cancelled"),
    Shown("partners.index"),
    Shown("posters.index"),
    *(
        Shown("posters.show", language, arguments={"slug": "new-parks"}, query={"language": language})
        for language in ("en", "pl", "ur")
    ),
    Shown("zones.index"),
    Shown("zone_editing.new"),
    errors("zone_editing.new"),
    Shown("zone_editing.edit", arguments={"slug": "new-parks"}),
    Shown("leavings.index"),
    # What the office answers for
    Shown("rights_officer.index"),
    Shown("rights_officer.show_log"),
    *(of("rights_requests.show", which) for which in ("complaint", "access", "settled")),
    Shown("retention.show"),
    Shown("retention.dry_run"),
    Shown("catalogues.index"),
    Shown("catalogues.review", "ur", arguments={"code": "ur"}),
    Shown("sending.show"),
    Shown("sending.confirm", arguments={"lane": "sms:bulk"}),
)  # fmt: skip

POSTERS = {"posters.show"}
"""A sheet of paper: it stands by itself, in the language of its words."""
