"""Planned work says what it expects, incidents who confirmed them, and people on call are paged."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NOW = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "incident",
        sa.Column("confirmed_by", sa.String(), nullable=True, comment="Who says that it is so, doubts or not."),
    )
    _window_columns()
    op.create_table(
        "planned_alarm",
        sa.Column("window_id", sa.BigInteger(), nullable=False),
        sa.Column("alarm_id", sa.BigInteger(), nullable=False),
        sa.Column("at", NOW, nullable=False),
        sa.ForeignKeyConstraint(["window_id"], ["maintenance_window.id"], name=op.f("fk_planned_alarm_window_id")),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"], name=op.f("fk_planned_alarm_alarm_id")),
        sa.PrimaryKeyConstraint("window_id", "alarm_id", name=op.f("pk_planned_alarm")),
    )
    _pages()


def _window_columns() -> None:
    columns = (
        sa.Column(
            "expects",
            postgresql.JSONB(),
            nullable=False,
            server_default="[]",
            comment="Alarm types it may raise; none named means any.",
        ),
        sa.Column(
            "with_dependents",
            sa.Boolean(),
            nullable=False,
            server_default=sa.true(),
            comment="What depends on the element may go down with it.",
        ),
        sa.Column("planned_by", sa.String(), nullable=False, server_default="", comment="Who planned it."),
    )
    for column in columns:
        op.add_column("maintenance_window", column)
        op.alter_column("maintenance_window", column.name, server_default=None)
    op.add_column("maintenance_window", sa.Column("cancelled_at", NOW, nullable=True))
    op.create_index(op.f("ix_maintenance_window_ends_at"), "maintenance_window", ["ends_at"])


def _pages() -> None:
    op.create_table(
        "page",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False, comment="0 for the first who was paged."),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", NOW, nullable=False),
        sa.CheckConstraint("state IN ('drafted','handed_over','failed')", name=op.f("ck_page_state")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_page_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page")),
        sa.UniqueConstraint("incident_id", "turn", name=op.f("uq_page_incident_id_turn")),
    )
    op.create_index(op.f("ix_page_action_id"), "page", ["action_id"])


def downgrade() -> None:
    op.drop_table("page")
    op.drop_table("planned_alarm")
    op.drop_index(op.f("ix_maintenance_window_ends_at"), "maintenance_window")
    for name in ("cancelled_at", "planned_by", "with_dependents", "expects"):
        op.drop_column("maintenance_window", name)
    op.drop_column("incident", "confirmed_by")
