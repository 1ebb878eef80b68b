"""Gaps found in the documentation of the network, and which type of alarm sets off which."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "adjacency_gap",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject", sa.String(), nullable=False, comment="What it is about, in words that do not change."),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False, comment="gone: messages and documentation agree by now."),
        sa.Column("a", sa.String(200), nullable=False, comment="A device."),
        sa.Column(
            "z",
            sa.String(200),
            nullable=False,
            comment="Its neighbour: a device, or an address where no device is known.",
        ),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False, comment="How many messages say so."),
        sa.Column("first_at", WHEN, nullable=False),
        sa.Column("last_at", WHEN, nullable=False),
        sa.Column("found_at", WHEN, nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", WHEN, nullable=True),
        sa.Column(
            "decided_messages", sa.BigInteger(), nullable=False, comment="How many there were when it was decided."
        ),
        sa.Column("reason", sa.String(), nullable=False, comment="Why a person decided so."),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_adjacency_gap_confidence")),
        sa.CheckConstraint(
            "kind IN ('no link','wrong end','never heard','no device','related')", name=op.f("ck_adjacency_gap_kind")
        ),
        sa.CheckConstraint("state IN ('open','accepted','dismissed','gone')", name=op.f("ck_adjacency_gap_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjacency_gap")),
        sa.UniqueConstraint("subject", name=op.f("uq_adjacency_gap_subject")),
    )
    op.create_index(op.f("ix_adjacency_gap_state"), "adjacency_gap", ["state"])
    op.create_table(
        "alarm_type_cause",
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.Column(
            "gain",
            sa.Float(),
            nullable=False,
            comment="By how much it explains the effect better, in nats less the penalty.",
        ),
        sa.Column("share", sa.Float(), nullable=False, comment="Share of the effect's alarms that it explains."),
        sa.Column("lag_seconds", sa.Float(), nullable=False, comment="How long after the cause, on average."),
        sa.Column("alarms", sa.BigInteger(), nullable=False, comment="Alarms of the effect it was learned from."),
        sa.Column("learned_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("cause", "effect", name=op.f("pk_alarm_type_cause")),
    )


def downgrade() -> None:
    op.drop_table("alarm_type_cause")
    op.drop_index(op.f("ix_adjacency_gap_state"), table_name="adjacency_gap")
    op.drop_table("adjacency_gap")
