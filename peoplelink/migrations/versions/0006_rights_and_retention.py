"""rights and retention."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from peoplelink.migrations import checks

revision: str = "0006"
down_revision: str | Sequence[str] | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

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
    "preferences",
    "digest",
)
_ROLES = ("viewer", "composer", "approver", "analyst", "administrator", "connector")


def upgrade() -> None:
    checks.change("dispatches", "purpose", (*_PURPOSES, "rights"))
    checks.change("officers", "role", (*_ROLES, "data_protection"))
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("own", sa.JSON(), nullable=False),
        sa.Column("shared", sa.JSON(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("public_id", name=op.f("uq_erasures_public_id")),
    )
    op.create_index(
        "ix_erasures_open",
        "erasures",
        ["id"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL"),
    )
    op.create_index(op.f("ix_erasures_person"), "erasures", ["person"], unique=False)
    op.create_table(
        "report_counts",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("passed_on", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "theme", "zone", "passed_on", name=op.f("pk_report_counts")),
    )
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("night", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_runs")),
        sa.UniqueConstraint("night", name=op.f("uq_retention_runs_night")),
    )
    op.create_table(
        "delivery_counts",
        sa.Column("dispatch_id", sa.Integer(), nullable=False),
        sa.Column("medium", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["dispatches.id"], name=op.f("fk_delivery_counts_dispatch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dispatch_id", "medium", "status", "reason", name=op.f("pk_delivery_counts")),
    )
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by_id", sa.Integer(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('person', 'conversation', 'report')", name=op.f("ck_legal_holds_kind_values")),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["officers.id"], name=op.f("fk_legal_holds_lifted_by_id")),
        sa.ForeignKeyConstraint(["placed_by_id"], ["officers.id"], name=op.f("fk_legal_holds_placed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
        sa.UniqueConstraint("public_id", name=op.f("uq_legal_holds_public_id")),
    )
    op.create_index(op.f("ix_legal_holds_subject"), "legal_holds", ["subject"], unique=False)
    op.create_table(
        "objections",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_objections_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_objections")),
    )
    op.create_table(
        "retention_rules",
        sa.Column("record_class", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "record_class IN ('messages', 'reports_passed_on', 'reports', 'deliveries', 'consent', 'audit', 'provider_events', 'sign_ups', 'requests')",
            name=op.f("ck_retention_rules_record_class_values"),
        ),
        sa.CheckConstraint("unit IN ('days', 'months', 'years')", name=op.f("ck_retention_rules_unit_values")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["officers.id"], name=op.f("fk_retention_rules_changed_by_id")),
        sa.PrimaryKeyConstraint("record_class", name=op.f("pk_retention_rules")),
    )
    op.create_table(
        "rights_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_how", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_because", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('complaint', 'access', 'erasure', 'objection', 'rectification', 'restriction')",
            name=op.f("ck_rights_requests_kind_values"),
        ),
        sa.CheckConstraint("source IN ('web', 'officer')", name=op.f("ck_rights_requests_source_values")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["officers.id"], name=op.f("fk_rights_requests_closed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_requests")),
        sa.UniqueConstraint("code", name=op.f("uq_rights_requests_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rights_requests_public_id")),
    )
    op.create_index(
        "ix_rights_requests_open",
        "rights_requests",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_rights_requests_person"), "rights_requests", ["person"], unique=False)


def downgrade() -> None:
    op.execute("UPDATE dispatches SET purpose = 'keyword_answer' WHERE purpose = 'rights'")
    op.execute(
        sa.text("UPDATE officers SET role = 'viewer', active = :off WHERE role = 'data_protection'").bindparams(
            off=False
        )
    )
    checks.change("officers", "role", _ROLES)
    checks.change("dispatches", "purpose", _PURPOSES)
    op.drop_index(op.f("ix_rights_requests_person"), table_name="rights_requests")
    op.drop_index(
        "ix_rights_requests_open",
        table_name="rights_requests",
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("rights_requests")
    op.drop_table("retention_rules")
    op.drop_table("objections")
    op.drop_index(op.f("ix_legal_holds_subject"), table_name="legal_holds")
    op.drop_table("legal_holds")
    op.drop_table("delivery_counts")
    op.drop_table("retention_runs")
    op.drop_table("report_counts")
    op.drop_index(op.f("ix_erasures_person"), table_name="erasures")
    op.drop_index(
        "ix_erasures_open",
        table_name="erasures",
        postgresql_where=sa.text("finished_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL"),
    )
    op.drop_table("erasures")
