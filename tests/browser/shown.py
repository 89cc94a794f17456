"""How a page is opened: which one, with what in its address, and what a form before it left in the reader's cookie."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from flask import Flask


@dataclass(frozen=True)
class Shown:
    """One state of one page. Values of `arguments` are names that the planted town knows."""

    endpoint: str
    state: str = ""
    """What tells it from other states of the same page."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    cookie: Mapping[str, Any] = field(default_factory=dict)
    sent: bool = False
    """Its form is sent as it is, or as `ticked` has it, and comes back with what is wrong."""
    ticked: str = ""
    """A box to tick before that, as a CSS selector."""
    address: str = ""
    """Of a page that has no endpoint."""
    status: int = 200

    @property
    def name(self) -> str:
        """For a test and for the file of a picture."""
        return "-".join(filter(None, (self.endpoint, self.state)))

    def signed_in(self, town: Any) -> "Shown":
        """The same, opened by the administrator."""
        return replace(self, cookie={**self.cookie, **town.signed_in()})

    def path(self, app: Flask, of: Mapping[str, str]) -> str:
        """Its address within the site."""
        if self.address:
            return self.address
        arguments = {name: of.get(value, value) for name, value in self.arguments.items()}
        path = app.url_map.bind("").build(self.endpoint, arguments)
        return f"{path}?{urlencode(self.query, doseq=True)}" if self.query else path

    def open(self, page: Any, site: str, town: Any) -> int:
        """Show it in a browser; the status of the answer. Fails where the answer is another page."""
        page.context.clear_cookies()
        cookie = town.cookie(self.cookie)
        if cookie:
            page.context.add_cookies([{"name": "peoplelink", "value": cookie, "url": site}])
        address = site + self.path(town.app, town.of)
        answer = page.goto(address)
        assert page.url == address, f"{self.name} led on to {page.url}"
        return self._send(page) if self.sent else answer.status

    def _send(self, page: Any) -> int:
        if self.ticked:
            page.locator(self.ticked).check()
        button = page.locator("main button[type=submit]").last
        with page.expect_navigation() as answer:
            button.click()
        return answer.value.status


@dataclass(frozen=True)
class Look:
    """What can be told of a page at a glance."""

    lang: str
    dir: str
    title: str
    headings: int
    """Of the first level."""
    width: int
    """More than the window's: it scrolls sideways."""
    spills: list[str]
    """Parts whose words stand out of their box, over those of the next."""
    unfilled: list[str]
    """Places that should have been filled in, such as {zones}."""


def looked_at(page: Any) -> Look:
    """The page as it stands."""
    return Look(**page.evaluate(_LOOK))


_LOOK = r"""() => ({
    lang: document.documentElement.lang, dir: document.documentElement.dir, title: document.title.trim(),
    headings: document.querySelectorAll("h1").length, width: document.documentElement.scrollWidth,
    spills: [...document.querySelectorAll("main, main > *, main > * > *")]
        .filter(each => each.clientHeight && each.scrollHeight > each.clientHeight + 16)
        .filter(each => getComputedStyle(each).overflowY === "visible")
        .map(each => `${each.tagName} ${each.className}`),
    unfilled: document.body.innerText.match(/\{\w+[|}]|-pl_\w+-|%\(\w+\)/g) || []})"""


def errors(endpoint: str, **how: Any) -> Shown:
    """A page whose form was sent with nothing in it."""
    return Shown(endpoint, how.pop("state", "errors"), sent=True, status=422, **how)


def endpoints(pages: Iterable[Shown]) -> set[str]:
    """The pages of a table."""
    return {shown.endpoint for shown in pages if not shown.address}


def opened_by_get(app: Flask) -> dict[str, str]:
    """Every endpoint that answers a GET, with its guard: "public", or the permission that it asks for."""
    names = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return {name: getattr(app.view_functions[name], "guard", "public") for name in names}
