"""Where nodes stand, and how long the battery there lasts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "site",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("zone_id", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False, comment="Where it is, in words a crew understands."),
        sa.Column(
            "battery_hours",
            sa.Float(),
            nullable=True,
            comment="How long its battery was built to last; 0: none is there; null: nobody has written it down.",
        ),
        sa.Column("battery_installed_on", sa.Date(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_site_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("name", name=op.f("uq_site_name")),
    )
    op.create_index(op.f("ix_site_zone_id"), "site", ["zone_id"], unique=False)
    op.add_column("node", sa.Column("site_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_node_site_id"), "node", "site", ["site_id"], ["id"])
    op.create_index(op.f("ix_node_site_id"), "node", ["site_id"], unique=False)
    until = "When the battery of a site without mains ends."
    op.add_column("incident", sa.Column("power_until", sa.DateTime(timezone=True), nullable=True, comment=until))


def downgrade() -> None:
    op.drop_column("incident", "power_until")
    op.drop_index(op.f("ix_node_site_id"), table_name="node")
    op.drop_constraint(op.f("fk_node_site_id"), "node")
    op.drop_column("node", "site_id")
    op.drop_table("site")
