"""What lines depend on beside their path, and the measurements of it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROLES = "role IN ('authentication','addresses','names','nat','routes')"


def upgrade() -> None:
    op.create_table(
        "dependency",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), sa.ForeignKey("node.id"), nullable=False),
        sa.Column("consumer_id", sa.BigInteger(), sa.ForeignKey("node.id")),
        sa.CheckConstraint(ROLES, name="role"),
        sa.UniqueConstraint("role", "provider_id", "consumer_id", postgresql_nulls_not_distinct=True),
    )
    for column in ("provider_id", "consumer_id"):
        op.create_index(op.f(f"ix_dependency_{column}"), "dependency", [column])
    _measurements("vital", "at", "auth_timeouts | dns_failures | sessions | …")
    _measurements("vital_hour", "hour", None)


def _measurements(table: str, time: str, metrics: str | None) -> None:
    """One shape for the minutes and for the hours; the comments are the models'."""
    is_raw = table == "vital"

    def said(words: str) -> str | None:
        return words if is_raw else None

    op.create_table(
        table,
        sa.Column("metric", sa.String(), primary_key=True, comment=metrics),
        sa.Column("element", sa.String(200), primary_key=True, comment=said("Who measured, or what was measured.")),
        sa.Column(
            "about", sa.String(200), primary_key=True, comment=said("The provider that was asked; empty: itself.")
        ),
        sa.Column(
            time,
            sa.DateTime(timezone=True),
            primary_key=True,
            comment=None if is_raw else "Its first moment.",
        ),
        sa.Column(
            "value",
            sa.Float(),
            nullable=False,
            comment="Failures, or the level." if is_raw else "Sum of failures, or the median of the level.",
        ),
        sa.Column(
            "total",
            sa.Float(),
            comment="Of how many tries; none for a level." if is_raw else "Sum of tries; none for a level.",
        ),
    )
    op.create_index(op.f(f"ix_{table}_{time}"), table, [time])


def downgrade() -> None:
    for table in ("vital_hour", "vital", "dependency"):
        op.drop_table(table)
