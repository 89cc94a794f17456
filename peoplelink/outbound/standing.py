"""Asking for deliveries by where they stand, so that the partial indexes answer, however many rows are finished."""

from sqlalchemy import ColumnElement, literal_column

from peoplelink.outbound.models import Delivery
from peoplelink.outbound.states import DeliveryStatus


def stands_at(status: DeliveryStatus) -> ColumnElement[bool]:
    """Whether a delivery stands at a status; for every query that a partial index is to answer.

    The status is written out. As a parameter it is hidden from the plan that PostgreSQL keeps of a statement it has
    seen some times, and not knowing it PostgreSQL can use no partial index: a claim beside ten million finished rows
    took 1,340 ms, and 48 beside none.
    """
    return Delivery.status == literal_column(f"'{status.value}'")
