"""preference centre."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from peoplelink.migrations import checks

revision: str = "0004"
down_revision: str | Sequence[str] | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_IMPORTANCES = ("ordinary", "important", "urgent")
_PURPOSES = (
    "broadcast",
    "test",
    "confirmation",
    "keyword_answer",
    "opt_out_answer",
    "acknowledgement",
    "reply",
    "notice",
    "zone_opened",
)


def upgrade() -> None:
    op.create_table(
        "leavings",
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('too_many', 'not_useful', 'moved', 'never_asked', 'other')",
            name=op.f("ck_leavings_reason_values"),
        ),
        sa.PrimaryKeyConstraint("public_id", name=op.f("pk_leavings")),
    )
    op.create_index(op.f("ix_leavings_month"), "leavings", ["month"], unique=False)
    op.create_table(
        "digest_issues",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dispatch_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["dispatches.id"], name=op.f("fk_digest_issues_dispatch_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_digest_issues_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_issues")),
        sa.UniqueConstraint("subscriber_id", "ends_at", name=op.f("uq_digest_issues_subscriber_id_ends_at")),
    )
    op.create_index(op.f("ix_digest_issues_ends_at"), "digest_issues", ["ends_at"], unique=False)
    op.create_table(
        "digest_items",
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("broadcast_id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name=op.f("fk_digest_items_address_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_digest_items_broadcast_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["digest_issues.id"], name=op.f("fk_digest_items_issue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address_id", "broadcast_id", name=op.f("pk_digest_items")),
    )
    op.create_index(op.f("ix_digest_items_issue_id"), "digest_items", ["issue_id"], unique=False)
    op.execute(
        "ALTER TABLE broadcasts ADD COLUMN importance VARCHAR(32) DEFAULT 'ordinary' NOT NULL"
        f" CONSTRAINT ck_broadcasts_importance_values CHECK (importance IN {_IMPORTANCES})"
    )
    op.add_column("sign_ups", sa.Column("is_change", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("sign_ups", sa.Column("replaces", sa.Text(), nullable=True))
    checks.add_column("subscribers", "least_importance", _IMPORTANCES)
    checks.add_column("subscribers", "digest", ("daily", "weekly"))
    op.add_column("subscribers", sa.Column("digest_up_to", sa.DateTime(timezone=True), nullable=True))
    checks.change("dispatches", "purpose", (*_PURPOSES, "preferences", "digest"))
    op.create_index(
        "ix_subscribers_digest",
        "subscribers",
        ["digest", "id"],
        unique=False,
        postgresql_where=sa.text("digest IS NOT NULL"),
        sqlite_where=sa.text("digest IS NOT NULL"),
    )


def downgrade() -> None:
    op.execute("UPDATE dispatches SET purpose = 'test' WHERE purpose IN ('preferences', 'digest')")
    checks.change("dispatches", "purpose", _PURPOSES)
    op.drop_index(
        "ix_subscribers_digest",
        table_name="subscribers",
        postgresql_where=sa.text("digest IS NOT NULL"),
        sqlite_where=sa.text("digest IS NOT NULL"),
    )
    op.drop_column("subscribers", "digest_up_to")
    op.drop_column("subscribers", "digest")
    op.drop_column("subscribers", "least_importance")
    op.drop_column("sign_ups", "replaces")
    op.drop_column("sign_ups", "is_change")
    op.drop_column("broadcasts", "importance")
    op.drop_index(op.f("ix_digest_items_issue_id"), table_name="digest_items")
    op.drop_table("digest_items")
    op.drop_index(op.f("ix_digest_issues_ends_at"), table_name="digest_issues")
    op.drop_table("digest_issues")
    op.drop_index(op.f("ix_leavings_month"), table_name="leavings")
    op.drop_table("leavings")
