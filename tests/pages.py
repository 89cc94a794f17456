"""Helpers for tests that read pages and send forms."""

import importlib
import pkgutil
from collections.abc import Iterator

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import peoplelink
from peoplelink.forms import PlainForm


def soup(response: TestResponse) -> BeautifulSoup:
    """The page as a tree."""
    return BeautifulSoup(response.text, "html.parser")


def csrf_token(client: FlaskClient, path: str) -> str:
    """The token in the first form of the page at `path`, as a browser would send it back."""
    field = soup(client.get(path)).find("input", attrs={"name": "csrf_token"})
    assert field is not None, f"no form with a token at {path}"
    return str(field["value"])


def submit(client: FlaskClient, path: str, *, page: str | None = None, **fields: object) -> TestResponse:
    """Fill in the form of `page` (by default the page at `path`) and send it to `path`."""
    return client.post(path, data={**fields, "csrf_token": csrf_token(client, page or path)})


def every_form() -> list[type[PlainForm]]:
    """Every form of ours, wherever it is written."""
    for module in pkgutil.walk_packages(peoplelink.__path__, "peoplelink."):
        if module.name.rpartition(".")[2].endswith("forms"):
            importlib.import_module(module.name)
    return [form for form in _forms_below(PlainForm) if form.__module__.startswith("peoplelink.")]


def _forms_below(kind: type[PlainForm]) -> Iterator[type[PlainForm]]:
    for form in kind.__subclasses__():
        yield form
        yield from _forms_below(form)
