"""What the tests ask of a page that comes slowly."""

import threading
import time

import pytest
from werkzeug.serving import make_server

pytestmark = pytest.mark.browser

FIRST = (
    b"<!doctype html><html lang=en><title>First</title><main><form action=/next><button>Go on</button></form></main>"
)
PIECES = (b"<!-- -->", b"<!doctype html><html lang=en><title>Next</title><main>", b"<input></main></html>")


def comes_in_pieces(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html")])
    return in_pieces() if environ["PATH_INFO"] == "/next" else [FIRST]


def in_pieces():
    for piece in PIECES:
        yield piece
        time.sleep(0.3)


@pytest.fixture
def slow_site():
    server = make_server("127.0.0.1", 0, comes_in_pieces, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_page_is_looked_at_when_it_is_whole(page, slow_site, violations):
    page.goto(slow_site)
    page.get_by_role("button", name="Go on").click()

    assert "label" in violations(page)  # the box comes last, and has none
