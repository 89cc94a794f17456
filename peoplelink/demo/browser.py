"""A person at a browser, without the screen: reads pages, fills in forms by their labels, presses buttons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import requests
from lxml import html  # type: ignore[import-untyped]

_TIMEOUT = 30  # seconds


class PageError(Exception):
    """The page is not what a person would need to go on."""


@dataclass(frozen=True)
class Page:
    """A page as it came."""

    url: str
    status: int
    tree: Any

    @property
    def text(self) -> str:
        """What can be read on it, in one line."""
        main = self.tree.find(".//main")
        return " ".join((main if main is not None else self.tree).text_content().split())

    def link(self, words: str) -> str:
        """Where the first link whose text holds these words leads."""
        for link in self.tree.iter("a"):
            if words in " ".join(link.text_content().split()):
                return urljoin(self.url, str(link.get("href")))
        raise PageError(f"no link {words!r} on {self.url}")

    def links(self, part: str) -> list[str]:
        """Where all links lead whose address holds `part`, each once, in order."""
        found = [
            urljoin(self.url, link.get("href")) for link in self.tree.iter("a") if part in (link.get("href") or "")
        ]
        return list(dict.fromkeys(found))


class Browser:
    """One person: cookies of their own, and an address of their own on the network."""

    def __init__(self, base: str, *, address: str | None = None) -> None:
        self._base = base
        self._http = requests.Session()
        if address:
            self._http.headers["X-Forwarded-For"] = address

    def get(self, path: str) -> Page:
        """Open a page."""
        return self._page(self._http.get(urljoin(self._base, path), timeout=_TIMEOUT))

    def post(self, path: str, body: Mapping[str, str]) -> Page:
        """Send a form that stands on no page, as a mail program does for one-click unsubscribe."""
        return self._page(self._http.post(urljoin(self._base, path), data=body, timeout=_TIMEOUT))

    def submit(self, page: Page, button: str, filled: Mapping[str, Any] | None = None) -> Page:
        """Fill in the form that has this button, by the labels of its fields, and press the button.

        True ticks the box or chooses the option with that label. Raises PageError when the page lacks something.
        """
        form, pressed = _form_with(page, button)
        for label, value in (filled or {}).items():
            _fill(form, label, value)
        values = list(form.form_values())
        if pressed.get("name"):
            values.append((pressed.get("name"), pressed.get("value") or ""))
        target = urljoin(page.url, pressed.get("formaction") or form.get("action") or page.url)
        if form.method == "GET":
            return self._page(self._http.get(target, params=values, timeout=_TIMEOUT))
        return self._page(self._http.post(target, data=values, timeout=_TIMEOUT))

    def _page(self, answer: requests.Response) -> Page:
        if answer.status_code >= 500:  # noqa: PLR2004
            raise PageError(f"{answer.status_code} from {answer.url.partition('?')[0]}")
        return Page(answer.url, answer.status_code, html.fromstring(answer.text or "<p></p>"))


def _form_with(page: Page, button: str) -> tuple[Any, Any]:
    for form in page.tree.forms:
        for element in form.iter("button", "input"):
            words = element.text_content() if element.tag == "button" else element.get("value") or ""
            if element.get("type", "submit") == "submit" and button in " ".join(words.split()):
                return form, element
    raise PageError(f"no button {button!r} on {page.url} ({page.status}): {page.text[:200]}")


def _fill(form: Any, label: str, value: Any) -> None:
    field = _labelled(form, label)
    if field.get("type") in {"checkbox", "radio"}:
        if field.get("type") == "radio":
            for other in form.xpath(f".//input[@type='radio'][@name='{field.get('name')}']"):
                other.attrib.pop("checked", None)
        field.attrib.pop("checked", None)
        if value:
            field.set("checked", "checked")
    elif field.tag == "select":
        field.value = next(o.get("value") for o in field.iter("option") if value in (o.text_content() or "").strip())
    else:
        field.value = value


def _labelled(form: Any, words: str) -> Any:
    labels = [label for label in form.iter("label") if " ".join(label.text_content().split()).startswith(words)]
    for label in labels:
        found = form.xpath(f".//*[@id='{label.get('for')}']")
        if found:
            return found[0]
    raise PageError(f"no field labelled {words!r}")
