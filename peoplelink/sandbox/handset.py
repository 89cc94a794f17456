"""The handset: pages to play a resident with, written on the server, usable without JavaScript."""

import secrets
from pathlib import Path
from typing import Any

from aiohttp import web

from peoplelink.errors import InvalidInputError
from peoplelink.sandbox.guard import local_only, same_page
from peoplelink.sandbox.handset_views import one_click_link, read_address, render, reply_text, summaries, thread_view
from peoplelink.sandbox.inbound_mails import hear_mail, write_mail
from peoplelink.sandbox.inbound_texts import hear_text
from peoplelink.sandbox.numbers import FICTIONAL_PREFIX
from peoplelink.sandbox.records import Mail
from peoplelink.sandbox.webhooks import post
from peoplelink.sandbox.world import WORLD, World

_STATIC = Path(__file__).parent / "static"
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with it, browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# A page of its own rather than srcdoc: that would inherit the strict policy above and lose the mail's inline styles.
_MAIL_HEADERS = _PAGE_HEADERS | {
    "Content-Security-Policy": (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
        "img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "no-referrer",
}

routes = web.RouteTableDef()


def _page(template: str, *, status: int = 200, **values: Any) -> web.Response:
    return web.Response(text=render(template, **values), status=status, content_type="text/html", headers=_PAGE_HEADERS)


def _open_handset(request: web.Request) -> tuple[World, str]:
    world = request.app[WORLD]
    address = world.state.handset(request.match_info["handset"])
    if address is None:
        raise web.HTTPSeeOther("/")
    return world, address


def _back(request: web.Request, outcome: str) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(f"/handset/{request.match_info['handset']}?outcome={outcome}")


@routes.get("/")
@local_only
async def index(request: web.Request) -> web.StreamResponse:
    """Everybody who has been written to, or has written."""
    world = request.app[WORLD]
    return _page("index.html", handsets=summaries(world.state), settings=world.settings)


@routes.post("/handsets")
@same_page
async def open_handset(request: web.Request) -> web.StreamResponse:
    """Open a handset by number or mailbox, or with an invented one."""
    world, form = request.app[WORLD], await request.post()
    try:
        address = _invent(world) if "invent" in form else read_address(str(form.get("address", "")))
    except InvalidInputError as err:
        return _page("index.html", status=400, handsets=summaries(world.state), settings=world.settings, error=str(err))
    raise web.HTTPSeeOther(f"/handset/{world.state.remember(address)}")


def _invent(world: World) -> str:
    """An Ofcom number that nobody here has used; raises InvalidInputError when all 1,000 are taken."""
    start = secrets.randbelow(1000)
    for step in range(1000):
        number = f"{FICTIONAL_PREFIX}{(start + step) % 1000:03d}"
        if number not in world.state.threads and number != world.settings.number:
            return number
    raise InvalidInputError("All 1,000 invented numbers are in use. Type one of them instead.")


@routes.get("/handset/{handset}")
@local_only
async def conversation(request: web.Request) -> web.StreamResponse:
    """What one resident has received and written."""
    world, address = _open_handset(request)
    view = thread_view(world.state, address)
    template = "mailbox.html" if "@" in address else "phone.html"
    return _page(template, view=view, settings=world.settings, outcome=request.query.get("outcome"))


@routes.post("/handset/{handset}/text")
@same_page
async def write_text(request: web.Request) -> web.StreamResponse:
    """Text our number."""
    world, address = _open_handset(request)
    # Browsers send line ends as CRLF; a phone sends LF.
    words = str((await request.post()).get("body", "")).replace("\r\n", "\n").strip()
    if not words:
        raise _back(request, "empty")
    heard = await hear_text(world, resident=address, body=words)
    raise _back(request, str(heard.status or "none"))


@routes.post("/handset/{handset}/mail")
@same_page
async def write(request: web.Request) -> web.StreamResponse:
    """Write to a mailbox of ours, or answer a mail at its Reply-To."""
    world, address = _open_handset(request)
    form = await request.post()
    words = str(form.get("text", "")).replace("\r\n", "\n")
    answered = world.state.mails.get(str(form.get("mail", "")))
    try:
        if answered is not None and answered.to == address:
            raw, to = _answer(answered, words), answered.reply_to
        else:
            to = str(form.get("to", "")).strip()
            raw = write_mail(sender=address, to=to, subject=str(form.get("subject", "")), text=words)
        posted = await hear_mail(world, sender=address, to=to, raw=raw)
    except InvalidInputError:
        raise _back(request, "elsewhere") from None
    raise _back(request, str(posted.status or "none"))


def _answer(mail: Mail, words: str) -> bytes:
    return write_mail(
        sender=mail.to,
        to=mail.reply_to,
        subject=mail.subject if mail.subject.lower().startswith("re:") else f"Re: {mail.subject}",
        text=reply_text(mail, words),
        in_reply_to=f"<{mail.call.id}@geopod-ismtpd-0>",
    )


@routes.post("/handset/{handset}/unsubscribe")
@same_page
async def unsubscribe(request: web.Request) -> web.StreamResponse:
    """Press the mail program's own unsubscribe button: a POST to the mail's link (RFC 8058)."""
    world, address = _open_handset(request)
    mail = world.state.mails.get(str((await request.post()).get("mail", "")))
    link = one_click_link(mail) if mail is not None and mail.to == address else None
    # Only ever to the app: the page must not be a way to post to other machines.
    if link is None or not link.startswith(f"{world.settings.public_url}/"):
        raise _back(request, "elsewhere")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await post(world.http, link, b"List-Unsubscribe=One-Click", headers)
    raise _back(request, f"unsubscribed-{answer.status or 'none'}")


@routes.get("/handset/{handset}/mail/{mail}")
@local_only
async def mail_html(request: web.Request) -> web.StreamResponse:
    """The HTML of one mail, for the frame: no scripts, no forms, nothing from outside."""
    world, address = _open_handset(request)
    mail = world.state.mails.get(request.match_info["mail"])
    if mail is None or mail.to != address:
        raise web.HTTPNotFound
    html = '<base target="_blank">' + mail.part("text/html")
    return web.Response(text=html, content_type="text/html", headers=_MAIL_HEADERS)


@routes.get("/static/{name:handset\\.(?:css|js)}")
@local_only
async def static(request: web.Request) -> web.StreamResponse:
    """The page's own style and script."""
    return web.FileResponse(_STATIC / request.match_info["name"], headers={"Cache-Control": "no-cache"})
