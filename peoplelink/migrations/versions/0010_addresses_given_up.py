"""an address that a resident has given up: nobody comes back to them from there."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from peoplelink.migrations import checks

revision: str = "0010"
down_revision: str | Sequence[str] | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_STATUSES = ("live", "stopped")
_GIVEN_UP = """
    UPDATE subscriber_addresses SET status = 'closed' WHERE status = 'stopped' AND 'changed' = (
        SELECT consent_records.how FROM consent_records
        JOIN addresses ON addresses.hash = consent_records.address_hash
        WHERE addresses.id = subscriber_addresses.address_id
        AND consent_records.subscriber_id = subscriber_addresses.subscriber_id
        ORDER BY consent_records.id DESC LIMIT 1)
"""


def upgrade() -> None:
    checks.change("subscriber_addresses", "status", (*_STATUSES, "closed"))
    op.execute(sa.text(_GIVEN_UP))


def downgrade() -> None:
    op.execute(sa.text("UPDATE subscriber_addresses SET status = 'stopped' WHERE status = 'closed'"))
    checks.change("subscriber_addresses", "status", _STATUSES)
