"""Helpers for tests that read pages and send forms."""

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


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
