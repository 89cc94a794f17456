"""rows of imports are found by the address that they speak of, whatever import it was."""

from collections.abc import Sequence

from alembic import op

revision: str = "0009"
down_revision: str | Sequence[str] | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.drop_index(op.f("ix_import_rows_import_id_email_hash"), table_name="import_rows")
    op.drop_index(op.f("ix_import_rows_import_id_mobile_hash"), table_name="import_rows")
    op.create_index(op.f("ix_import_rows_email_hash_import_id"), "import_rows", ["email_hash", "import_id"])
    op.create_index(op.f("ix_import_rows_mobile_hash_import_id"), "import_rows", ["mobile_hash", "import_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_import_rows_mobile_hash_import_id"), table_name="import_rows")
    op.drop_index(op.f("ix_import_rows_email_hash_import_id"), table_name="import_rows")
    op.create_index(op.f("ix_import_rows_import_id_mobile_hash"), "import_rows", ["import_id", "mobile_hash"])
    op.create_index(op.f("ix_import_rows_import_id_email_hash"), "import_rows", ["import_id", "email_hash"])
