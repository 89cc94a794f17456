"""where zones lie and who waits."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from peoplelink.migrations import checks

revision: str = "0003"
down_revision: str | Sequence[str] | None = "0002"
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
)


def upgrade() -> None:
    op.create_table(
        "waiting_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("wording_id", sa.Integer(), nullable=False),
        sa.Column("by_form", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name=op.f("fk_waiting_list_address_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["wording_id"], ["consent_wordings.id"], name=op.f("fk_waiting_list_wording_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_list")),
        sa.UniqueConstraint("address_id", "sector", name=op.f("uq_waiting_list_address_id_sector")),
        sa.UniqueConstraint("public_id", name=op.f("uq_waiting_list_public_id")),
    )
    op.create_index(op.f("ix_waiting_list_expires_at"), "waiting_list", ["expires_at"], unique=False)
    op.create_index(op.f("ix_waiting_list_sector"), "waiting_list", ["sector"], unique=False)
    op.create_table(
        "zone_boundaries",
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("geojson", sa.JSON(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name=op.f("fk_zone_boundaries_zone_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("zone_id", name=op.f("pk_zone_boundaries")),
    )
    op.create_table(
        "zone_postcodes",
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name=op.f("fk_zone_postcodes_zone_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("zone_id", "postcode", "drawn", name=op.f("pk_zone_postcodes")),
    )
    op.create_index(op.f("ix_zone_postcodes_postcode"), "zone_postcodes", ["postcode"], unique=False)
    op.add_column("zones", sa.Column("area_set_at", sa.DateTime(timezone=True), nullable=True))
    checks.change("dispatches", "purpose", (*_PURPOSES, "zone_opened"))


def downgrade() -> None:
    op.execute("UPDATE dispatches SET purpose = 'notice' WHERE purpose = 'zone_opened'")
    checks.change("dispatches", "purpose", _PURPOSES)
    op.drop_column("zones", "area_set_at")
    op.drop_index(op.f("ix_zone_postcodes_postcode"), table_name="zone_postcodes")
    op.drop_table("zone_postcodes")
    op.drop_table("zone_boundaries")
    op.drop_index(op.f("ix_waiting_list_sector"), table_name="waiting_list")
    op.drop_index(op.f("ix_waiting_list_expires_at"), table_name="waiting_list")
    op.drop_table("waiting_list")
