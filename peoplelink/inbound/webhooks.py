"""Where providers call us: check who it is, keep the request as it came, act on STOP, answer. The rest is a job.

An application of its own below `PREFIX`: no page is shown here, nobody signs in, no form is filled in, and a signature
guards better than a count. What pages need for that was half the price of a receipt.
"""

from http import HTTPStatus

import structlog
from flask import Blueprint, Flask, Response, current_app, request
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from peoplelink import clock, web
from peoplelink.channels.errors import InvalidSignatureError
from peoplelink.channels.messages import ProviderRequest
from peoplelink.db import transaction
from peoplelink.inbound import keeping
from peoplelink.inbound.models import WebhookKind
from peoplelink.inbound.news import NewsKeeper
from peoplelink.runtime import Runtime

log = structlog.get_logger(__name__)

PREFIX = "/webhooks"
"""Where the application is mounted: `STATUS_PATH` and the settings at the providers begin with it."""

blueprint = Blueprint("webhooks", __name__)

MAX_MAIL = 31 * 2**20
"""Bytes of an incoming mail: SendGrid takes 30 MB (facts on Inbound Parse), and the form around it adds a little."""

_NEWS = "news"
_NO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def make_app(parts: Runtime) -> Flask:
    """The application that providers call; see `PREFIX`."""
    app = Flask(__name__, static_folder=None)
    web.set_up_for_machines(app, parts)
    app.extensions[_NEWS] = NewsKeeper(parts)
    app.register_blueprint(blueprint)
    app.register_error_handler(InvalidSignatureError, _not_signed)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(OperationalError, _our_outage)
    app.register_error_handler(PoolTimeoutError, _our_outage)
    app.register_error_handler(Exception, _our_fault)
    return app


@blueprint.post("/twilio/inbound")
@web.public
def twilio_inbound() -> Response:
    """A text from a resident. The answer is sent through our own engine, so that it is a delivery like any other."""
    incoming = _request()
    web.runtime().twilio.verify_inbound(incoming)
    _keep(WebhookKind.TWILIO_INBOUND, incoming)
    # Any other type of content is an error in Twilio's log (12300).
    return Response(_NO_ANSWER, content_type="text/xml; charset=utf-8")


@blueprint.post("/twilio/status")
@web.public
def twilio_status() -> Response:
    """News of a text we sent."""
    incoming = _request()
    web.runtime().twilio.verify_status(incoming)
    _keep_news(WebhookKind.TWILIO_STATUS, incoming)
    return Response(status=HTTPStatus.NO_CONTENT)


@blueprint.post("/sendgrid/events")
@web.public
def sendgrid_events() -> Response:
    """News of emails we sent, many in one request."""
    incoming = _request()
    web.runtime().sendgrid.verify_status(incoming)
    _keep_news(WebhookKind.SENDGRID_EVENTS, incoming)
    return Response(status=HTTPStatus.NO_CONTENT)


@blueprint.post("/sendgrid/inbound")
@web.public
def sendgrid_inbound() -> Response:
    """An email from a resident, with whatever is attached to it."""
    request.max_content_length = MAX_MAIL
    incoming = _request()
    web.runtime().sendgrid.verify_inbound(incoming)
    _keep(WebhookKind.SENDGRID_INBOUND, incoming)
    return Response(status=HTTPStatus.OK)


def _request() -> ProviderRequest:
    """The request as the provider signed it. Raises RequestEntityTooLarge."""
    # Our own public address, never Host or X-Forwarded-*: a caller chooses those. The query is taken as bytes,
    # because Flask's full_path raises where it is not UTF-8.
    query = request.query_string.decode("latin-1")
    return ProviderRequest(
        url=web.runtime().config.public_url + PREFIX + request.path + (f"?{query}" if query else ""),
        headers=dict(request.headers),
        # Never request.form: it changes what was signed, and loses what is not UTF-8.
        body=request.get_data(cache=False, parse_form_data=False),
        content_type=request.headers.get("Content-Type", ""),
    )


def _keep(kind: WebhookKind, incoming: ProviderRequest) -> None:
    with transaction(web.session()) as session:
        keeping.keep(session, kind, incoming, parts=web.runtime(), received_at=clock.now())


def _keep_news(kind: WebhookKind, incoming: ProviderRequest) -> None:
    current_app.extensions[_NEWS].keep(kind, incoming, received_at=clock.now())


def _not_signed(_error: InvalidSignatureError) -> Response:
    log.warning("webhook_not_signed")
    return Response(status=HTTPStatus.FORBIDDEN)


def _refused(error: HTTPException) -> Response:
    return Response(status=error.code or HTTPStatus.BAD_REQUEST)


def _our_outage(error: DBAPIError | PoolTimeoutError) -> Response:
    # Nothing was kept: the provider is asked to come again, where it does.
    log.error("webhook_not_kept", exc_info=error)
    return Response(status=HTTPStatus.SERVICE_UNAVAILABLE)


def _our_fault(error: Exception) -> Response:
    log.error("webhook_failed", exc_info=error)
    return Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
