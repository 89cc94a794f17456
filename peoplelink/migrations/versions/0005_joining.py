"""Ways to join: email, face to face, imports, partners' sites; one reminder."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from peoplelink.migrations import checks

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SOURCES = ("web", "text")
_ROLES = ("viewer", "composer", "approver", "analyst", "administrator")


def upgrade() -> None:
    checks.change("sign_ups", "source", (*_SOURCES, "email", "officer", "import"))
    checks.change("officers", "role", (*_ROLES, "connector"))
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("delimiter", sa.Text(), nullable=False),
        sa.Column("header", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("asks", sa.Boolean(), nullable=False),
        sa.Column("zone_ids", sa.JSON(), nullable=True),
        sa.Column("last_line", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("emptied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('reading', 'ready', 'running', 'finished', 'cancelled', 'unreadable')",
            name=op.f("ck_imports_status_values"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("public_id", name=op.f("uq_imports_public_id")),
    )
    op.create_index(op.f("ix_imports_digest"), "imports", ["digest"], unique=False)
    op.create_index(op.f("ix_imports_status"), "imports", ["status"], unique=False)
    op.create_table(
        "partner_sites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_sites")),
        sa.UniqueConstraint("origin", name=op.f("uq_partner_sites_origin")),
        sa.UniqueConstraint("public_id", name=op.f("uq_partner_sites_public_id")),
    )
    op.create_table(
        "import_pieces",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_pieces_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_pieces")),
    )
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("mobile_hash", sa.Text(), nullable=True),
        sa.Column("email_hash", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'added', 'asked', 'refused')", name=op.f("ck_import_rows_status_values")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_rows_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_import_rows")),
    )
    op.create_index(
        op.f("ix_import_rows_import_id_email_hash"), "import_rows", ["import_id", "email_hash"], unique=False
    )
    op.create_index(
        op.f("ix_import_rows_import_id_mobile_hash"), "import_rows", ["import_id", "mobile_hash"], unique=False
    )
    op.create_index(
        op.f("ix_import_rows_import_id_status_line"), "import_rows", ["import_id", "status", "line"], unique=False
    )
    op.add_column("sign_up_addresses", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_sign_ups_expires_at"), "sign_ups", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_sign_ups_expires_at"), table_name="sign_ups")
    op.drop_column("sign_up_addresses", "reminded_at")
    op.drop_index(op.f("ix_import_rows_import_id_status_line"), table_name="import_rows")
    op.drop_index(op.f("ix_import_rows_import_id_mobile_hash"), table_name="import_rows")
    op.drop_index(op.f("ix_import_rows_import_id_email_hash"), table_name="import_rows")
    op.drop_table("import_rows")
    op.drop_table("import_pieces")
    op.drop_table("partner_sites")
    op.drop_index(op.f("ix_imports_status"), table_name="imports")
    op.drop_index(op.f("ix_imports_digest"), table_name="imports")
    op.drop_table("imports")
    # What the older version has no word for: the nearest it has, and an account that nobody can use.
    op.execute("UPDATE sign_ups SET source = 'web' WHERE source NOT IN ('web', 'text')")
    op.execute(
        sa.text("UPDATE officers SET role = 'viewer', active = :off WHERE role = 'connector'").bindparams(off=False)
    )
    checks.change("officers", "role", _ROLES)
    checks.change("sign_ups", "source", _SOURCES)
