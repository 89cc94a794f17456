"""first."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("medium IN ('sms', 'email')", name=op.f("ck_addresses_medium_values")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        sa.UniqueConstraint("medium", "value", name=op.f("uq_addresses_medium_value")),
        sa.UniqueConstraint("public_id", name=op.f("uq_addresses_public_id")),
    )
    op.create_index(op.f("ix_addresses_hash"), "addresses", ["hash"], unique=False)
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    op.create_index(op.f("ix_audit_events_at"), "audit_events", ["at"], unique=False)
    op.create_index(
        op.f("ix_audit_events_subject_kind_subject_id"), "audit_events", ["subject_kind", "subject_id"], unique=False
    )
    op.create_table(
        "consent_wordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_wordings")),
        sa.UniqueConstraint("code", "version", "language", name=op.f("uq_consent_wordings_code_version_language")),
    )
    op.create_table(
        "dispatches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("urgency", sa.String(length=32), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('broadcast', 'test', 'confirmation', 'keyword_answer', 'opt_out_answer', 'acknowledgement', 'reply')",
            name=op.f("ck_dispatches_purpose_values"),
        ),
        sa.CheckConstraint("urgency IN ('urgent', 'bulk')", name=op.f("ck_dispatches_urgency_values")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatches")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dispatches_public_id")),
    )
    op.create_table(
        "lanes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lanes")),
    )
    op.create_table(
        "officers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("mobile", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("all_zones", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('viewer', 'composer', 'approver', 'analyst', 'administrator')",
            name=op.f("ck_officers_role_values"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officers")),
        sa.UniqueConstraint("email", name=op.f("uq_officers_email")),
        sa.UniqueConstraint("public_id", name=op.f("uq_officers_public_id")),
    )
    op.create_table(
        "scheduler_leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_scheduler_leases")),
    )
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("weekly_limit", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_subscribers_public_id")),
    )
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.CheckConstraint("medium IN ('sms', 'email')", name=op.f("ck_suppressions_medium_values")),
        sa.CheckConstraint(
            "reason IN ('stop', 'unsubscribed', 'bounced', 'complained', 'provider', 'officer', 'erased')",
            name=op.f("ck_suppressions_reason_values"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
    )
    op.create_index(
        "uq_suppressions_live",
        "suppressions",
        ["hash", "reason"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
        sqlite_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "themes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_themes")),
        sa.UniqueConstraint("slug", name=op.f("uq_themes_slug")),
    )
    op.create_table(
        "topics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("slug", name=op.f("uq_topics_slug")),
    )
    op.create_table(
        "zones",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("sectors", sa.JSON(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zones")),
        sa.UniqueConstraint("slug", name=op.f("uq_zones_slug")),
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("sent_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("dispatch_id", sa.Integer(), nullable=True),
        sa.Column("released_up_to", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'approved', 'scheduled', 'releasing', 'sending', 'paused', 'sent_out', 'finished', 'cancelled')",
            name=op.f("ck_broadcasts_status_values"),
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["officers.id"], name=op.f("fk_broadcasts_approved_by_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["officers.id"], name=op.f("fk_broadcasts_created_by_id")),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatches.id"], name=op.f("fk_broadcasts_dispatch_id")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["officers.id"], name=op.f("fk_broadcasts_sent_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sa.UniqueConstraint("dispatch_id", name=op.f("uq_broadcasts_dispatch_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_broadcasts_public_id")),
    )
    op.create_index(op.f("ix_broadcasts_status"), "broadcasts", ["status"], unique=False)
    op.create_table(
        "consent_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("address_hash", sa.Text(), nullable=False),
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("wording_id", sa.Integer(), nullable=True),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("action IN ('given', 'withdrawn')", name=op.f("ck_consent_records_action_values")),
        sa.CheckConstraint("medium IN ('sms', 'email')", name=op.f("ck_consent_records_medium_values")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_consent_records_subscriber_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["wording_id"], ["consent_wordings.id"], name=op.f("fk_consent_records_wording_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_records")),
    )
    op.create_index(op.f("ix_consent_records_address_hash"), "consent_records", ["address_hash"], unique=False)
    op.create_index(op.f("ix_consent_records_subscriber_id"), "consent_records", ["subscriber_id"], unique=False)
    op.create_table(
        "contents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dispatch_id", sa.Integer(), nullable=False),
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.CheckConstraint("medium IN ('sms', 'email')", name=op.f("ck_contents_medium_values")),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["dispatches.id"], name=op.f("fk_contents_dispatch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contents")),
        sa.UniqueConstraint("dispatch_id", "medium", "language", name=op.f("uq_contents_dispatch_id_medium_language")),
    )
    op.create_table(
        "keywords",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(zone_id IS NULL) <> (topic_id IS NULL)", name=op.f("ck_keywords_one_target")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_keywords_topic_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name=op.f("fk_keywords_zone_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keywords")),
        sa.UniqueConstraint("word", name=op.f("uq_keywords_word")),
    )
    op.create_table(
        "officer_zones",
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_officer_zones_officer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name=op.f("fk_officer_zones_zone_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("officer_id", "zone_id", name=op.f("pk_officer_zones")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=True),
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("source_grade", sa.String(length=32), nullable=True),
        sa.Column("information_grade", sa.String(length=32), nullable=True),
        sa.Column("handling", sa.String(length=32), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("handling IN ('P', 'C')", name=op.f("ck_reports_handling_values")),
        sa.CheckConstraint(
            "information_grade IN ('A', 'B', 'C', 'D', 'E')", name=op.f("ck_reports_information_grade_values")
        ),
        sa.CheckConstraint("source_grade IN ('1', '2', '3')", name=op.f("ck_reports_source_grade_values")),
        sa.CheckConstraint("status IN ('new', 'working', 'passed_on', 'done')", name=op.f("ck_reports_status_values")),
        sa.ForeignKeyConstraint(["assigned_to_id"], ["officers.id"], name=op.f("fk_reports_assigned_to_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["officers.id"], name=op.f("fk_reports_created_by_id")),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_reports_theme_id")),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name=op.f("fk_reports_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("code", name=op.f("uq_reports_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_reports_public_id")),
    )
    op.create_index(op.f("ix_reports_status_created_at"), "reports", ["status", "created_at"], unique=False)
    op.create_index(op.f("ix_reports_zone_id"), "reports", ["zone_id"], unique=False)
    op.create_table(
        "sign_ups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("zone_ids", sa.JSON(), nullable=False),
        sa.Column("topic_ids", sa.JSON(), nullable=False),
        sa.Column("old_enough", sa.Boolean(), nullable=False),
        sa.Column("wording_id", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("source IN ('web', 'text')", name=op.f("ck_sign_ups_source_values")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_sign_ups_subscriber_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["wording_id"], ["consent_wordings.id"], name=op.f("fk_sign_ups_wording_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ups")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sign_ups_public_id")),
    )
    op.create_index(op.f("ix_sign_ups_created_at"), "sign_ups", ["created_at"], unique=False)
    op.create_table(
        "subscriber_addresses",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('live', 'stopped')", name=op.f("ck_subscriber_addresses_status_values")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_subscriber_addresses_address_id")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_subscriber_addresses_subscriber_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "address_id", name=op.f("pk_subscriber_addresses")),
    )
    op.create_index(op.f("ix_subscriber_addresses_address_id"), "subscriber_addresses", ["address_id"], unique=False)
    op.create_table(
        "topic_subscriptions",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_topic_subscriptions_subscriber_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_topic_subscriptions_topic_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "topic_id", name=op.f("pk_topic_subscriptions")),
    )
    op.create_index(
        op.f("ix_topic_subscriptions_topic_id_subscriber_id"),
        "topic_subscriptions",
        ["topic_id", "subscriber_id"],
        unique=False,
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("dealt_with_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dealt_with_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('twilio_inbound', 'twilio_status', 'sendgrid_events', 'sendgrid_inbound')",
            name=op.f("ck_webhooks_kind_values"),
        ),
        sa.ForeignKeyConstraint(["dealt_with_by_id"], ["officers.id"], name=op.f("fk_webhooks_dealt_with_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("kind", "digest", name=op.f("uq_webhooks_kind_digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhooks_public_id")),
    )
    op.create_index(op.f("ix_webhooks_received_at"), "webhooks", ["received_at"], unique=False)
    op.create_index(
        "ix_webhooks_unprocessed",
        "webhooks",
        ["id"],
        unique=False,
        postgresql_where=sa.text("processed_at IS NULL"),
        sqlite_where=sa.text("processed_at IS NULL"),
    )
    op.create_table(
        "zone_subscriptions",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_zone_subscriptions_subscriber_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name=op.f("fk_zone_subscriptions_zone_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "zone_id", name=op.f("pk_zone_subscriptions")),
    )
    op.create_index(
        op.f("ix_zone_subscriptions_zone_id_subscriber_id"),
        "zone_subscriptions",
        ["zone_id", "subscriber_id"],
        unique=False,
    )
    op.create_table(
        "broadcast_contents",
        sa.Column("broadcast_id", sa.Integer(), nullable=False),
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("medium IN ('sms', 'email')", name=op.f("ck_broadcast_contents_medium_values")),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_contents_broadcast_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "medium", "language", name=op.f("pk_broadcast_contents")),
    )
    op.create_table(
        "broadcast_topics",
        sa.Column("broadcast_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_topics_broadcast_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_broadcast_topics_topic_id")),
        sa.PrimaryKeyConstraint("broadcast_id", "topic_id", name=op.f("pk_broadcast_topics")),
    )
    op.create_table(
        "broadcast_zones",
        sa.Column("broadcast_id", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_zones_broadcast_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name=op.f("fk_broadcast_zones_zone_id")),
        sa.PrimaryKeyConstraint("broadcast_id", "zone_id", name=op.f("pk_broadcast_zones")),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("broadcast_id", sa.Integer(), nullable=True),
        sa.Column("confidence", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "confidence IN ('exact', 'likely', 'unsure')", name=op.f("ck_conversations_confidence_values")
        ),
        sa.CheckConstraint("status IN ('new', 'open', 'done')", name=op.f("ck_conversations_status_values")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_conversations_address_id")),
        sa.ForeignKeyConstraint(["assigned_to_id"], ["officers.id"], name=op.f("fk_conversations_assigned_to_id")),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_conversations_broadcast_id")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_conversations_subscriber_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name=op.f("fk_conversations_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_conversations_public_id")),
    )
    op.create_index(op.f("ix_conversations_address_id_id"), "conversations", ["address_id", "id"], unique=False)
    op.create_index(op.f("ix_conversations_broadcast_id"), "conversations", ["broadcast_id"], unique=False)
    op.create_index(
        op.f("ix_conversations_status_last_message_at"), "conversations", ["status", "last_message_at"], unique=False
    )
    op.create_index(op.f("ix_conversations_zone_id"), "conversations", ["zone_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("dispatch_id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("content_id", sa.Integer(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("merge", sa.JSON(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_message_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("provider_code", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reason IN ('bad_address', 'unreachable', 'opted_out', 'blocked', 'not_mobile', 'content', 'configuration', 'throttled', 'provider', 'expired', 'unknown')",
            name=op.f("ck_deliveries_reason_values"),
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'sending', 'unconfirmed', 'sent', 'failed', 'delivered', 'suppressed', 'expired', 'cancelled')",
            name=op.f("ck_deliveries_status_values"),
        ),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_deliveries_address_id")),
        sa.ForeignKeyConstraint(["content_id"], ["contents.id"], name=op.f("fk_deliveries_content_id")),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["dispatches.id"], name=op.f("fk_deliveries_dispatch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("dispatch_id", "address_id", name=op.f("uq_deliveries_dispatch_id_address_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_deliveries_public_id")),
    )
    op.create_index(op.f("ix_deliveries_address_id_id"), "deliveries", ["address_id", "id"], unique=False)
    op.create_index(
        "ix_deliveries_open",
        "deliveries",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("status IN ('sending', 'unconfirmed')"),
        sqlite_where=sa.text("status IN ('sending', 'unconfirmed')"),
    )
    op.create_index(op.f("ix_deliveries_provider_message_id"), "deliveries", ["provider_message_id"], unique=False)
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["lane", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'queued'"),
        sqlite_where=sa.text("status = 'queued'"),
    )
    op.create_table(
        "report_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_report_changes_officer_id")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_changes_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_changes")),
    )
    op.create_index(op.f("ix_report_changes_report_id"), "report_changes", ["report_id"], unique=False)
    op.create_table(
        "report_grades",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("source_grade", sa.String(length=32), nullable=False),
        sa.Column("information_grade", sa.String(length=32), nullable=False),
        sa.Column("handling", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("handling IN ('P', 'C')", name=op.f("ck_report_grades_handling_values")),
        sa.CheckConstraint(
            "information_grade IN ('A', 'B', 'C', 'D', 'E')", name=op.f("ck_report_grades_information_grade_values")
        ),
        sa.CheckConstraint("source_grade IN ('1', '2', '3')", name=op.f("ck_report_grades_source_grade_values")),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_report_grades_officer_id")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_grades_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_grades")),
    )
    op.create_index(op.f("ix_report_grades_report_id"), "report_grades", ["report_id"], unique=False)
    op.create_table(
        "report_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_report_notes_officer_id")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_notes_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_notes")),
    )
    op.create_index(op.f("ix_report_notes_report_id"), "report_notes", ["report_id"], unique=False)
    op.create_table(
        "sign_up_addresses",
        sa.Column("sign_up_id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_sign_up_addresses_address_id")),
        sa.ForeignKeyConstraint(
            ["sign_up_id"], ["sign_ups.id"], name=op.f("fk_sign_up_addresses_sign_up_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sign_up_id", "address_id", name=op.f("pk_sign_up_addresses")),
    )
    op.create_index(op.f("ix_sign_up_addresses_address_id"), "sign_up_addresses", ["address_id"], unique=False)
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_answers_conversation_id")),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_answers_delivery_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_answers_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_answers_delivery_id")),
    )
    op.create_index(op.f("ix_answers_conversation_id"), "answers", ["conversation_id"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("provider_message_id", sa.Text(), nullable=True),
        sa.Column("call_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("provider_code", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('queued', 'sending', 'unconfirmed', 'sent', 'failed', 'delivered', 'suppressed', 'expired', 'cancelled')",
            name=op.f("ck_attempts_outcome_values"),
        ),
        sa.CheckConstraint(
            "reason IN ('bad_address', 'unreachable', 'opted_out', 'blocked', 'not_mobile', 'content', 'configuration', 'throttled', 'provider', 'expired', 'unknown')",
            name=op.f("ck_attempts_reason_values"),
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_attempts_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("delivery_id", "number", name=op.f("uq_attempts_delivery_id_number")),
    )
    op.create_table(
        "inbound_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=True),
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("provider_message_id", sa.Text(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("command", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("trusted_sender", sa.Boolean(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=True),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('command', 'reply', 'automatic')", name=op.f("ck_inbound_messages_kind_values")),
        sa.CheckConstraint("medium IN ('sms', 'email')", name=op.f("ck_inbound_messages_medium_values")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_inbound_messages_address_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_inbound_messages_conversation_id")
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_inbound_messages_delivery_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_inbound_messages_webhook_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_messages")),
        sa.UniqueConstraint(
            "medium", "provider_message_id", name=op.f("uq_inbound_messages_medium_provider_message_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_inbound_messages_public_id")),
    )
    op.create_index(op.f("ix_inbound_messages_address_id"), "inbound_messages", ["address_id"], unique=False)
    op.create_index(op.f("ix_inbound_messages_conversation_id"), "inbound_messages", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_inbound_messages_webhook_id"), "inbound_messages", ["webhook_id"], unique=False)
    op.create_table(
        "report_sources",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_report_sources_conversation_id")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_sources_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_sources")),
    )
    op.create_index(op.f("ix_report_sources_conversation_id"), "report_sources", ["conversation_id"], unique=False)
    op.create_table(
        "status_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("provider_word", sa.Text(), nullable=False),
        sa.Column("provider_code", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('accepted', 'sent', 'delivered', 'failed', 'complained', 'unsubscribed', 'unknown')",
            name=op.f("ck_status_events_kind_values"),
        ),
        sa.CheckConstraint(
            "reason IN ('bad_address', 'unreachable', 'opted_out', 'blocked', 'not_mobile', 'content', 'configuration', 'throttled', 'provider', 'expired', 'unknown')",
            name=op.f("ck_status_events_reason_values"),
        ),
        sa.CheckConstraint("attempt IS NULL OR attempt > 0", name=op.f("ck_status_events_attempt_positive")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_status_events_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_events")),
        sa.UniqueConstraint("provider", "event_id", name=op.f("uq_status_events_provider_event_id")),
    )
    op.create_index(op.f("ix_status_events_delivery_id"), "status_events", ["delivery_id"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["inbound_messages.id"], name=op.f("fk_attachments_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attachments_public_id")),
    )
    op.create_index(op.f("ix_attachments_message_id"), "attachments", ["message_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_attachments_message_id"), table_name="attachments")
    op.drop_table("attachments")
    op.drop_index(op.f("ix_status_events_delivery_id"), table_name="status_events")
    op.drop_table("status_events")
    op.drop_index(op.f("ix_report_sources_conversation_id"), table_name="report_sources")
    op.drop_table("report_sources")
    op.drop_index(op.f("ix_inbound_messages_webhook_id"), table_name="inbound_messages")
    op.drop_index(op.f("ix_inbound_messages_conversation_id"), table_name="inbound_messages")
    op.drop_index(op.f("ix_inbound_messages_address_id"), table_name="inbound_messages")
    op.drop_table("inbound_messages")
    op.drop_table("attempts")
    op.drop_index(op.f("ix_answers_conversation_id"), table_name="answers")
    op.drop_table("answers")
    op.drop_index(op.f("ix_sign_up_addresses_address_id"), table_name="sign_up_addresses")
    op.drop_table("sign_up_addresses")
    op.drop_index(op.f("ix_report_notes_report_id"), table_name="report_notes")
    op.drop_table("report_notes")
    op.drop_index(op.f("ix_report_grades_report_id"), table_name="report_grades")
    op.drop_table("report_grades")
    op.drop_index(op.f("ix_report_changes_report_id"), table_name="report_changes")
    op.drop_table("report_changes")
    op.drop_index(
        "ix_deliveries_waiting",
        table_name="deliveries",
        postgresql_where=sa.text("status = 'queued'"),
        sqlite_where=sa.text("status = 'queued'"),
    )
    op.drop_index(op.f("ix_deliveries_provider_message_id"), table_name="deliveries")
    op.drop_index(
        "ix_deliveries_open",
        table_name="deliveries",
        postgresql_where=sa.text("status IN ('sending', 'unconfirmed')"),
        sqlite_where=sa.text("status IN ('sending', 'unconfirmed')"),
    )
    op.drop_index(op.f("ix_deliveries_address_id_id"), table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_conversations_zone_id"), table_name="conversations")
    op.drop_index(op.f("ix_conversations_status_last_message_at"), table_name="conversations")
    op.drop_index(op.f("ix_conversations_broadcast_id"), table_name="conversations")
    op.drop_index(op.f("ix_conversations_address_id_id"), table_name="conversations")
    op.drop_table("conversations")
    op.drop_table("broadcast_zones")
    op.drop_table("broadcast_topics")
    op.drop_table("broadcast_contents")
    op.drop_index(op.f("ix_zone_subscriptions_zone_id_subscriber_id"), table_name="zone_subscriptions")
    op.drop_table("zone_subscriptions")
    op.drop_index(
        "ix_webhooks_unprocessed",
        table_name="webhooks",
        postgresql_where=sa.text("processed_at IS NULL"),
        sqlite_where=sa.text("processed_at IS NULL"),
    )
    op.drop_index(op.f("ix_webhooks_received_at"), table_name="webhooks")
    op.drop_table("webhooks")
    op.drop_index(op.f("ix_topic_subscriptions_topic_id_subscriber_id"), table_name="topic_subscriptions")
    op.drop_table("topic_subscriptions")
    op.drop_index(op.f("ix_subscriber_addresses_address_id"), table_name="subscriber_addresses")
    op.drop_table("subscriber_addresses")
    op.drop_index(op.f("ix_sign_ups_created_at"), table_name="sign_ups")
    op.drop_table("sign_ups")
    op.drop_index(op.f("ix_reports_zone_id"), table_name="reports")
    op.drop_index(op.f("ix_reports_status_created_at"), table_name="reports")
    op.drop_table("reports")
    op.drop_table("officer_zones")
    op.drop_table("keywords")
    op.drop_table("contents")
    op.drop_index(op.f("ix_consent_records_subscriber_id"), table_name="consent_records")
    op.drop_index(op.f("ix_consent_records_address_hash"), table_name="consent_records")
    op.drop_table("consent_records")
    op.drop_index(op.f("ix_broadcasts_status"), table_name="broadcasts")
    op.drop_table("broadcasts")
    op.drop_table("zones")
    op.drop_table("topics")
    op.drop_table("themes")
    op.drop_index(
        "uq_suppressions_live",
        table_name="suppressions",
        postgresql_where=sa.text("lifted_at IS NULL"),
        sqlite_where=sa.text("lifted_at IS NULL"),
    )
    op.drop_table("suppressions")
    op.drop_table("subscribers")
    op.drop_table("scheduler_leases")
    op.drop_table("officers")
    op.drop_table("lanes")
    op.drop_table("dispatches")
    op.drop_table("consent_wordings")
    op.drop_index(op.f("ix_audit_events_subject_kind_subject_id"), table_name="audit_events")
    op.drop_index(op.f("ix_audit_events_at"), table_name="audit_events")
    op.drop_table("audit_events")
    op.drop_index(op.f("ix_addresses_hash"), table_name="addresses")
    op.drop_table("addresses")
