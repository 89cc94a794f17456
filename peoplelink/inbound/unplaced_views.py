"""What could not be read, one by one: what can be shown of it, and the whole of it as a file."""

from io import BytesIO

from flask import Blueprint, Response, render_template, send_file
from flask.typing import ResponseReturnValue

from peoplelink import audit, clock, web
from peoplelink.inbound import unplaced
from peoplelink.officers import signing_in

blueprint = Blueprint("unplaced", __name__)

DOWNLOAD_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""What came from outside must never run as a page of ours, whatever a browser makes of it."""
LONGEST_SHOWN = 5000
"""Characters of its words on the page."""


@blueprint.get("/unplaced/<public_id>")
@web.requires("inbox.read")
def show(public_id: str) -> ResponseReturnValue:
    """Who sent it and what it says, as far as that can be made out."""
    webhook = unplaced.get(web.session(), public_id, scope=signing_in.scope())
    found = unplaced.glimpse(web.runtime(), webhook)
    _audit_read("webhook.read", public_id)
    return render_template("inbound/unplaced_one.html", webhook=webhook, found=found, longest=LONGEST_SHOWN)


@blueprint.get("/unplaced/<public_id>/file")
@web.requires("inbox.read")
def download(public_id: str) -> ResponseReturnValue:
    """The request as it came: always saved, never shown."""
    webhook = unplaced.get(web.session(), public_id, scope=signing_in.scope())
    _audit_read("webhook.saved", public_id)
    name = f"{webhook.kind.value}-{webhook.id}.bin"
    response: Response = send_file(
        BytesIO(webhook.body), "application/octet-stream", as_attachment=True, download_name=name
    )
    response.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    return response


def _audit_read(action: str, subject: str) -> None:
    """A short write of its own, since the page only reads."""
    actor = signing_in.officer().actor
    with web.runtime().database.transaction() as session:
        audit.record(session, action, actor=actor, subject_kind="webhook", subject_id=subject, now=clock.now())
