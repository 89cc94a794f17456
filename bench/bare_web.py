"""What our status callbacks are measured against: a route that checks the signature and writes a row."""

import os
from http import HTTPStatus

from flask import Flask, Response, request
from sqlalchemy import create_engine, text
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

app = Flask(__name__)
_engine = create_engine(os.environ.get("DATABASE_URL", "sqlite://"), pool_size=8)
_validator = RequestValidator(os.environ.get("TWILIO_AUTH_TOKEN", ""))
_base = os.environ.get("PEOPLELINK_PUBLIC_URL", "")
_UPDATE = text(
    "UPDATE deliveries SET status = 'delivered', rank = 50, settled_at = now(), look_up_at = NULL"
    " WHERE public_id = :delivery AND attempt = :attempt AND rank < 50"
)


@app.get("/")
def ready() -> str:
    """It listens."""
    return "ready"


@app.post("/webhooks/twilio/status")
def status() -> Response:
    """One callback, applied when it is answered."""
    url = f"{_base}{request.full_path}"
    if not _validator.validate(url, request.form, request.headers["X-Twilio-Signature"]):
        return Response(status=HTTPStatus.FORBIDDEN)
    with _engine.begin() as connection:
        connection.execute(_UPDATE, {"delivery": request.args["d"], "attempt": int(request.args["a"])})
    return Response(status=HTTPStatus.NO_CONTENT)
