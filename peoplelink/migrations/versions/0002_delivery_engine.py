"""delivery engine."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from peoplelink.migrations import checks

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


_STATUSES = ("queued", "sending", "unconfirmed", "sent", "failed", "delivered", "suppressed", "expired", "cancelled")
_REASONS = (
    "bad_address",
    "unreachable",
    "opted_out",
    "blocked",
    "not_mobile",
    "content",
    "configuration",
    "throttled",
    "provider",
    "expired",
    "unknown",
)
_HOLD_REASONS = ("quiet_hours", "officer", "failures")
_PURPOSES = (
    "broadcast",
    "test",
    "confirmation",
    "keyword_answer",
    "opt_out_answer",
    "acknowledgement",
    "reply",
)
_PROOF_KINDS = (
    "submitted",
    "approved",
    "approval_voided",
    "scheduled",
    "sent",
    "frozen",
    "released",
    "paused",
    "resumed",
    "retried",
    "cancelled",
    "finished",
    "late",
    "rows_changed",
)
_QUEUED = sa.text("status = 'queued'")
_OPEN = sa.text("status IN ('sending', 'unconfirmed')")
_SENDING = sa.text("status = 'sending'")
_ASKED = sa.text("status IN ('sent', 'unconfirmed')")
_HELD = sa.text("status = 'held'")
_OF_A_TEXT = sa.text("provider_message_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "restore_watch",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_restore_watch")),
    )
    op.create_table(
        "dispatch_health",
        sa.Column("dispatch_id", sa.Integer(), nullable=False),
        sa.Column("recent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["dispatches.id"], name=op.f("fk_dispatch_health_dispatch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dispatch_id", name=op.f("pk_dispatch_health")),
    )
    checks.add_column("dispatches", "held_because", _HOLD_REASONS)
    for table in ("deliveries", "subscribers", "zones"):
        for name in ("quiet_from", "quiet_until"):
            op.add_column(table, sa.Column(name, sa.Integer(), nullable=True))
    for name in ("scheduled_for", "expires_at"):
        op.add_column("broadcasts", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "broadcasts", sa.Column("ignores_quiet_hours", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("broadcasts", sa.Column("ignores_quiet_because", sa.Text(), nullable=True))
    for name in ("claimed_at", "look_up_at", "accepted_twice_at"):
        op.add_column("deliveries", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    checks.add_column("deliveries", "held_because", _HOLD_REASONS)
    checks.change("deliveries", "status", (*_STATUSES, "held"))
    op.execute(
        "UPDATE deliveries SET look_up_at = lease_until, claimed_at = (SELECT opened_at FROM attempts"
        " WHERE attempts.delivery_id = deliveries.id AND attempts.number = deliveries.attempt)"
    )
    op.drop_index(op.f("ix_deliveries_provider_message_id"), table_name="deliveries")
    op.drop_index("ix_deliveries_waiting", table_name="deliveries")
    op.drop_index("ix_deliveries_open", table_name="deliveries")
    _create_index("ix_deliveries_waiting", ["lane", "dispatch_id", "id"], _QUEUED)
    _create_index("ix_deliveries_open", ["lease_until"], _SENDING)
    _create_index("ix_deliveries_asked", ["look_up_at"], _ASKED)
    _create_index("ix_deliveries_held", ["not_before"], _HELD)
    _create_index("ix_deliveries_twice", ["accepted_twice_at"], sa.text("accepted_twice_at IS NOT NULL"))
    _create_index("ix_deliveries_unconfirmed", ["lease_token"], sa.text("status = 'unconfirmed'"))
    # The newest attempt stands on the delivery from now on; this table keeps those that another has followed.
    op.drop_table("attempts")
    _create_attempts(
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        statuses=(*_STATUSES, "held"),
    )
    checks.change("dispatches", "purpose", (*_PURPOSES, "notice"))
    _create_proofs()
    _let_texts_be_fetched()


def downgrade() -> None:
    op.drop_table("restore_watch")
    _let_no_texts_be_fetched()
    op.drop_table("broadcast_proof_stretches")
    op.drop_table("broadcast_proofs")
    op.execute("UPDATE dispatches SET purpose = 'test' WHERE purpose = 'notice'")
    checks.change("dispatches", "purpose", _PURPOSES)
    op.drop_table("attempts")
    _create_attempts(
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("call_id", sa.Text(), nullable=True),
        statuses=_STATUSES,
    )
    for name in ("twice", "held", "unconfirmed", "asked", "open", "waiting"):
        op.drop_index(f"ix_deliveries_{name}", table_name="deliveries")
    op.execute("UPDATE deliveries SET status = 'queued' WHERE status = 'held'")
    checks.change("deliveries", "status", _STATUSES)
    _create_index("ix_deliveries_open", ["lease_until"], _OPEN)
    _create_index("ix_deliveries_waiting", ["lane", "id"], _QUEUED)
    op.create_index(op.f("ix_deliveries_provider_message_id"), "deliveries", ["provider_message_id"], unique=False)
    for name in ("ignores_quiet_because", "ignores_quiet_hours", "expires_at", "scheduled_for"):
        op.drop_column("broadcasts", name)
    for table in ("zones", "subscribers"):
        for name in ("quiet_until", "quiet_from"):
            op.drop_column(table, name)
    for name in ("accepted_twice_at", "look_up_at", "claimed_at", "held_because", "quiet_until", "quiet_from"):
        op.drop_column("deliveries", name)
    op.drop_column("dispatches", "held_because")
    op.drop_table("dispatch_health")


def _create_index(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "deliveries", columns, unique=False, postgresql_where=where, sqlite_where=where)


def _create_attempts(*columns: sa.Column[object], statuses: Sequence[str]) -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        *columns,
        sa.Column("provider_message_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("provider_code", sa.Text(), nullable=True),
        sa.CheckConstraint(f"outcome IN {statuses}", name=op.f("ck_attempts_outcome_values")),
        sa.CheckConstraint(f"reason IN {_REASONS}", name=op.f("ck_attempts_reason_values")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_attempts_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("delivery_id", "number", name=op.f("uq_attempts_delivery_id_number")),
    )


def _create_proofs() -> None:
    op.create_table(
        "broadcast_proofs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("broadcast_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.CheckConstraint(f"kind IN {_PROOF_KINDS}", name=op.f("ck_broadcast_proofs_kind_values")),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_proofs_broadcast_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_proofs")),
        sa.UniqueConstraint("broadcast_id", "number", name=op.f("uq_broadcast_proofs_broadcast_id_number")),
    )
    op.create_table(
        "broadcast_proof_stretches",
        sa.Column("broadcast_id", sa.Integer(), nullable=False),
        sa.Column("link", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=True),
        sa.Column("states", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_proof_stretches_broadcast_id")
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "link", "number", name=op.f("pk_broadcast_proof_stretches")),
    )


def _let_texts_be_fetched() -> None:
    op.add_column("webhooks", sa.Column("provider_message_id", sa.Text(), nullable=True))
    op.add_column("webhooks", sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "uq_webhooks_provider_message_id",
        "webhooks",
        ["provider_message_id"],
        unique=True,
        postgresql_where=_OF_A_TEXT,
        sqlite_where=_OF_A_TEXT,
    )
    op.create_table(
        "marks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
    )
    for name in ("mail_id", "mail_references"):
        op.add_column("inbound_messages", sa.Column(name, sa.Text(), nullable=False, server_default=""))


def _let_no_texts_be_fetched() -> None:
    for name in ("mail_references", "mail_id"):
        op.drop_column("inbound_messages", name)
    op.drop_table("marks")
    op.drop_index("uq_webhooks_provider_message_id", table_name="webhooks")
    for name in ("fetched_at", "provider_message_id"):
        op.drop_column("webhooks", name)
