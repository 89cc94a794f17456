"""who has checked the words of a language."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | Sequence[str] | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "catalogue_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_catalogue_reviews_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_reviews")),
    )
    op.create_index(
        op.f("ix_catalogue_reviews_language_digest"), "catalogue_reviews", ["language", "digest"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_catalogue_reviews_language_digest"), table_name="catalogue_reviews")
    op.drop_table("catalogue_reviews")
