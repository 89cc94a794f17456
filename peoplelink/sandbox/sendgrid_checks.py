"""Whether SendGrid would take a Mail Send request, in its own words (spec tsg_mail_v3, mail-send/errors)."""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from peoplelink.sandbox.sendgrid_errors import SendGridRefusalError as Refusal

MAX_RECIPIENTS = 1000  # and as many personalizations
MAX_CATEGORIES = 10
MAX_CATEGORY_LENGTH = 255
MAX_ARGS_BYTES = 10_000  # custom_args or substitutions of one personalization
_FORBIDDEN_HEADERS = frozenset(
    {
        "x-sg-id",
        "x-sg-eid",
        "received",
        "dkim-signature",
        "content-type",
        "content-transfer-encoding",
        "to",
        "from",
        "subject",
        "reply-to",
        "cc",
        "bcc",
    }
)
_ADDRESS = re.compile(r"[^@\s<>\",;:()\[\]\x00-\x1f\x7f-\U0010ffff]{1,64}@[A-Za-z0-9.-]+\.[A-Za-z0-9-]{2,}")
_CONTENT_ORDER = {"text/plain": 0, "text/html": 1}

Json = dict[str, Any]


def check_mail(payload: Any) -> Json:
    """The request if SendGrid would take it; raises SendGridRefusalError for the first rule that it breaks."""
    if not isinstance(payload, dict):
        raise Refusal("Bad Request")
    people = _check_personalizations(payload.get("personalizations"))
    _check_sender(payload)
    _check_subject(payload, people)
    _check_content(payload)
    _check_categories(payload.get("categories"))
    _check_headers(payload.get("headers"), "headers")
    _check_strings(payload.get("custom_args"), "custom_args")
    if payload.get("template_id") or payload.get("send_at"):
        raise Refusal("The sandbox does not play templates or scheduled sends.", "template_id")
    return payload


def _check_personalizations(people: Any) -> list[Json]:
    if not isinstance(people, list) or not people:
        raise Refusal(
            "The personalizations field is required and must have at least one personalization.", "personalizations"
        )
    if len(people) > MAX_RECIPIENTS:
        raise Refusal(
            f"The personalization block is limited to {MAX_RECIPIENTS} personalizations per API request. "
            f"You have provided {len(people)} personalizations. "
            "Please consider splitting this into multiple requests and resending your request.",
            "personalizations",
        )
    for index, person in enumerate(people):
        _check_person(person, f"personalizations.{index}")
    _check_addresses(people)
    return people


def _check_person(person: Any, field: str) -> None:
    if not isinstance(person, dict) or not person.get("to"):
        raise Refusal("The to array is required for all personalization objects, and must have at least one email "
                      "object with a valid email address.", f"{field}.to")  # fmt: skip
    _check_headers(person.get("headers"), f"{field}.headers")
    _check_strings(person.get("custom_args"), f"{field}.custom_args")
    _check_strings(person.get("substitutions"), f"{field}.substitutions")
    if person.get("dynamic_template_data"):
        raise Refusal("The sandbox does not play templates.", f"{field}.dynamic_template_data")


def _check_addresses(people: list[Json]) -> None:
    seen: set[str] = set()
    for field, recipient in _recipients(people):
        address = recipient.get("email") if isinstance(recipient, dict) else None
        if not isinstance(address, str) or not _ADDRESS.fullmatch(address.strip()):
            raise Refusal("Does not contain a valid address.", f"{field}.email")
        if address.strip().lower() in seen:
            raise Refusal(
                "Each unique email address in the personalizations array should only be included once. "
                "You have included an address more than once.",
                "personalizations",
            )
        seen.add(address.strip().lower())
    if len(seen) > MAX_RECIPIENTS:
        raise Refusal(
            f"There is a limit of {MAX_RECIPIENTS} total recipients (to + cc + bcc) per request.", "personalizations"
        )


def _recipients(people: list[Json]) -> Iterator[tuple[str, Any]]:
    for index, person in enumerate(people):
        for kind in ("to", "cc", "bcc"):
            for place, recipient in enumerate(person.get(kind) or []):
                yield f"personalizations.{index}.{kind}.{place}", recipient


def _check_sender(payload: Json) -> None:
    for name in ("from", "reply_to"):
        person = payload.get(name)
        if person is None and name == "reply_to":
            continue
        address = person.get("email") if isinstance(person, dict) else None
        if name == "from" and not address:
            raise Refusal("The from object must be provided for every email send. It is an object that requires the "
                          "email parameter, but may also contain a name parameter.", "from.email")  # fmt: skip
        if not isinstance(address, str) or not _ADDRESS.fullmatch(address.strip()):
            raise Refusal("Does not contain a valid address.", f"{name}.email")


def _check_subject(payload: Json, people: list[Json]) -> None:
    subjects = [person.get("subject") or payload.get("subject") for person in people]
    if not all(isinstance(subject, str) and subject for subject in subjects):
        raise Refusal("The subject is required. You can get around this requirement if you use a template with a "
                      "subject defined or if every personalization has a subject defined.", "subject")  # fmt: skip


def _check_content(payload: Json) -> None:
    contents = payload.get("content")
    if not isinstance(contents, list) or not contents:
        raise Refusal("Unless a valid template_id is provided, the content parameter is required. "
                      "There must be at least one defined content block.", "content")  # fmt: skip
    for index, content in enumerate(contents):
        _check_block(content, f"content.{index}")
    order = [_CONTENT_ORDER.get(content["type"], 2) for content in contents]
    if order != sorted(order):
        raise Refusal("If present, text/plain and text/html must be first: text/plain, then text/html.", "content")
    if order.count(0) > 1 or order.count(1) > 1:
        raise Refusal("If present, text/plain and text/html may only be provided once.", "content")


def _check_block(content: Any, field: str) -> None:
    if not isinstance(content, dict) or not isinstance(content.get("type"), str) or not content["type"]:
        raise Refusal("The content type must be a string at least one character in length.", f"{field}.type")
    if not isinstance(content.get("value"), str) or not content["value"]:
        raise Refusal("The content value must be a string at least one character in length.", f"{field}.value")


def _check_categories(categories: Any) -> None:
    if categories is None:
        return
    if not isinstance(categories, list) or not all(isinstance(category, str) for category in categories):
        raise Refusal("The categories parameter must be an array of strings.", "categories")
    if len(categories) > MAX_CATEGORIES:
        raise Refusal(f"There is a limit of {MAX_CATEGORIES} categories per request.", "categories")
    if any(len(category) > MAX_CATEGORY_LENGTH for category in categories):
        raise Refusal(f"Each category is limited to {MAX_CATEGORY_LENGTH} characters.", "categories")


def _check_headers(headers: Any, field: str) -> None:
    _check_strings(headers, field)
    for name in headers or {}:
        if name.lower() in _FORBIDDEN_HEADERS:
            raise Refusal(f"The header {name.lower()} is reserved and cannot be set.", field)
        if not name.isascii() or not name.isprintable() or ":" in name or " " in name:
            raise Refusal("Header names must be ASCII without spaces or colons.", field)


def _check_strings(values: Any, field: str) -> None:
    if values is None:
        return
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise Refusal("The values must be an object of strings.", field)
    # Only a long one is measured: writing every recipient's out would double the cost of a call.
    if (
        len(values)
        and sum(map(len, values.values())) * 4 > MAX_ARGS_BYTES
        and len(orjson.dumps(values)) > MAX_ARGS_BYTES
    ):
        raise Refusal(f"The values exceed {MAX_ARGS_BYTES} bytes.", field)
