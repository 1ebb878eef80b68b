"""Learnt models, the rounds they are asked in, and what they predicted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "name",
            sa.String(),
            nullable=False,
            comment="What it answers: failure | no_fault_found | category | priority",
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False, comment="Why it was refused, retired or taken back into use."),
        sa.Column("trained_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "data_from",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="The window of history it was made from, held-out weeks too.",
        ),
        sa.Column("data_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False, comment="Rows learnt from."),
        sa.Column(
            "positives",
            sa.BigInteger(),
            nullable=False,
            comment="Of these, how many were of the kind that is looked for.",
        ),
        sa.Column("metrics", postgresql.JSONB(), nullable=False, comment="On held-out weeks."),
        sa.Column("library", sa.String(), nullable=False, comment="What learnt it, with its version."),
        sa.Column("digest", sa.String(), nullable=False, comment="SHA-256 of `data`, checked on every load."),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("state IN ('in_use','retired','refused')", name=op.f("ck_model_version_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_version")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_model_version_name_version")),
    )
    op.create_index(
        "uq_model_version_in_use", "model_version", ["name"], unique=True, postgresql_where="state = 'in_use'"
    )
    op.create_table(
        "prediction_round",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("model_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("elements", sa.BigInteger(), nullable=False, comment="Elements that could be judged."),
        sa.Column("predicted", sa.BigInteger(), nullable=False, comment="Predictions written down."),
        sa.Column("proposed", sa.BigInteger(), nullable=False, comment="Preventive jobs proposed."),
        sa.Column("drift", postgresql.JSONB(), nullable=False, comment="Features that moved most: name, PSI, KS."),
        sa.ForeignKeyConstraint(["model_id"], ["model_version.id"], name=op.f("fk_prediction_round_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prediction_round")),
    )
    op.create_index(op.f("ix_prediction_round_at"), "prediction_round", ["at"], unique=False)
    op.create_table(
        "prediction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("model_id", sa.BigInteger(), nullable=False),
        sa.Column("node_id", sa.BigInteger(), nullable=False),
        sa.Column("element", sa.String(length=200), nullable=False, comment="Element key."),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, comment="The end of what it speaks of."),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("subscribers", sa.BigInteger(), nullable=False, comment="Who loses service if it comes true."),
        sa.Column("cost", sa.Double(), nullable=False, comment="Expected: probability times weighted subscribers."),
        sa.Column(
            "evidence",
            postgresql.JSONB(),
            nullable=False,
            comment="Parts with the log-odds each added, and a sentence.",
        ),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("work_order_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True, comment="What happened, in a sentence."),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open','proposed','confirmed','false','expired')", name=op.f("ck_prediction_state")
        ),
        sa.CheckConstraint("probability BETWEEN 0 AND 1", name=op.f("ck_prediction_probability")),
        sa.ForeignKeyConstraint(["model_id"], ["model_version.id"], name=op.f("fk_prediction_model_id")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_prediction_node_id")),
        sa.ForeignKeyConstraint(["work_order_id"], ["work_order.id"], name=op.f("fk_prediction_work_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prediction")),
    )
    op.create_index(op.f("ix_prediction_due_at"), "prediction", ["due_at"], unique=False)
    op.create_index(op.f("ix_prediction_node_id"), "prediction", ["node_id"], unique=False)
    op.create_index(
        "uq_prediction_pending", "prediction", ["node_id"], unique=True, postgresql_where="state IN ('open','proposed')"
    )


def downgrade() -> None:
    op.drop_index("uq_prediction_pending", table_name="prediction", postgresql_where="state IN ('open','proposed')")
    op.drop_index(op.f("ix_prediction_node_id"), table_name="prediction")
    op.drop_index(op.f("ix_prediction_due_at"), table_name="prediction")
    op.drop_table("prediction")
    op.drop_index(op.f("ix_prediction_round_at"), table_name="prediction_round")
    op.drop_table("prediction_round")
    op.drop_index("uq_model_version_in_use", table_name="model_version", postgresql_where="state = 'in_use'")
    op.drop_table("model_version")
