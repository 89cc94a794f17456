"""Rows with valid defaults. Each is added and flushed, never committed; keywords replace any column."""

from tests.factories.noise import add_noise
from tests.factories.people import (
    link_address,
    make_address,
    make_officer,
    make_sign_up,
    make_subscriber,
    make_topic,
    make_wording,
    make_zone,
)
from tests.factories.replies import make_conversation, make_message, make_report, make_theme, make_webhook
from tests.factories.rows import ADDRESS_KEY, NOW
from tests.factories.sending import make_broadcast, make_content, make_delivery, make_dispatch, make_suppression

__all__ = [
    "ADDRESS_KEY",
    "NOW",
    "add_noise",
    "link_address",
    "make_address",
    "make_broadcast",
    "make_content",
    "make_conversation",
    "make_delivery",
    "make_dispatch",
    "make_message",
    "make_officer",
    "make_report",
    "make_sign_up",
    "make_subscriber",
    "make_suppression",
    "make_theme",
    "make_topic",
    "make_webhook",
    "make_wording",
    "make_zone",
]
