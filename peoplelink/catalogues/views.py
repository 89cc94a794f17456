"""The page on which an administrator sees how each language stands, and says who has checked it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from peoplelink import clock, web
from peoplelink.catalogues import reading, services
from peoplelink.catalogues.forms import ReviewForm
from peoplelink.db import transaction
from peoplelink.errors import NotFoundError
from peoplelink.languages import ENGLISH, LANGUAGES
from peoplelink.officers import signing_in

blueprint = Blueprint("catalogues", __name__, url_prefix="/officer/languages")


@blueprint.get("")
@web.requires("languages.manage")
def index() -> ResponseReturnValue:
    """Every language with its messages, those without words, and who has checked it."""
    session = web.session()
    standing = [(catalogue, services.review(session, catalogue.language.code)) for catalogue in reading.every()]
    return render_template("catalogues/index.html", standing=standing)


@blueprint.get("/<code>")
@web.requires("languages.manage")
def review(code: str) -> ResponseReturnValue:
    """Every message beside its words, and the form that says who has read them."""
    form = ReviewForm()
    form.digest.data = reading.of(_known(code)).digest
    return _page(code, form)


@blueprint.post("/<code>")
@web.requires("languages.manage")
def review_post(code: str) -> ResponseReturnValue:
    """Note who has read the words that were shown."""
    form = ReviewForm()
    if not form.validate() or (day := form.day()) is None:
        return _page(_known(code), form), 422
    with transaction(web.session()) as session:
        services.approve(
            session, code, digest=form.digest.data or "", reader=form.reader.data or "", read_on=day,
            by=signing_in.officer(), now=clock.now(),
        )  # fmt: skip
    flash(f"Noted. Texts and emails in {LANGUAGES[code].english} are sent from now on.")
    return redirect(url_for("catalogues.index"))


@blueprint.post("/<code>/draft")
@web.requires("languages.manage")
def withdraw(code: str) -> ResponseReturnValue:
    """Make a language a draft again."""
    with transaction(web.session()) as session:
        services.withdraw(session, code, by=signing_in.officer(), now=clock.now())
    flash(f"{LANGUAGES[code].english} is a draft again. Texts and emails are sent in English from now on.")
    return redirect(url_for("catalogues.index"), 303)


def _page(code: str, form: ReviewForm) -> str:
    catalogue = reading.of(code)
    checked = services.review(web.session(), code)
    return render_template(
        "catalogues/review.html", catalogue=catalogue, lines=reading.lines(code), checked=checked, form=form
    )


def _known(code: str) -> str:
    if code not in LANGUAGES or code == ENGLISH.code:
        raise NotFoundError("There is no such language.")
    return code
