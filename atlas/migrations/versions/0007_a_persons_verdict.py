"""A person's verdicts on incidents, what they took out of them, and the versions Cortex learned from it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATES = "state IN ('open','monitoring','resolved','merged'{more})"
KINDS = "kind IN ('correct_cause','confirm','merge','split','exclude','hold','release','retract')"
#: What was taken out of an incident -> the table it is a row of.
EXCLUDED = {"alarm": "alarm", "node": "node", "line": "service"}


def upgrade() -> None:
    _incident()
    _verdict()
    _excluded()
    _version()
    op.alter_column("notice", "kind", comment="outage | restored | correction", existing_comment="outage | restored")


def _incident() -> None:
    _allow_states(",'retracted'")
    op.add_column(
        "incident",
        sa.Column(
            "verdict_cause", sa.String(), nullable=True, comment="A person's verdict where it is no element of ours."
        ),
    )
    op.add_column(
        "incident",
        sa.Column(
            "held_by", sa.String(), nullable=True, comment="Who holds its notices back; nobody is told meanwhile."
        ),
    )
    op.add_column("incident", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_incident_merged_into_id"), "incident", "incident", ["merged_into_id"], ["id"])
    comment = "How often a person changed what belongs to it."
    op.add_column(
        "incident", sa.Column("regrouped", sa.BigInteger(), nullable=False, server_default="0", comment=comment)
    )
    op.alter_column("incident", "regrouped", server_default=None)


def _allow_states(more: str) -> None:
    op.drop_constraint(op.f("ck_incident_state"), "incident")
    op.create_check_constraint(op.f("ck_incident_state"), "incident", STATES.format(more=more))


def _verdict() -> None:
    op.create_table(
        "verdict",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=True, comment="Merged into this one, or split off as it."),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column(
            "before",
            postgresql.JSONB(),
            nullable=False,
            comment="What stood before: what Cortex said, who belonged.",
        ),
        sa.Column("after", postgresql.JSONB(), nullable=False, comment="What stands since."),
        sa.CheckConstraint(KINDS, name=op.f("ck_verdict_kind")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_verdict_incident_id")),
        sa.ForeignKeyConstraint(["other_id"], ["incident.id"], name=op.f("fk_verdict_other_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
    )
    op.create_index(op.f("ix_verdict_incident_id"), "verdict", ["incident_id"])
    op.create_index(op.f("ix_verdict_other_id"), "verdict", ["other_id"])


def _excluded() -> None:
    for what, table in EXCLUDED.items():
        name, key = f"excluded_{what}", f"{table}_id"
        op.create_table(
            name,
            sa.Column("incident_id", sa.BigInteger(), nullable=False),
            sa.Column(key, sa.BigInteger(), nullable=False),
            sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f(f"fk_{name}_incident_id")),
            sa.ForeignKeyConstraint([key], [f"{table}.id"], name=op.f(f"fk_{name}_{key}")),
            sa.PrimaryKeyConstraint("incident_id", key, name=op.f(f"pk_{name}")),
        )
    op.create_index(op.f("ix_excluded_alarm_alarm_id"), "excluded_alarm", ["alarm_id"])


def _version() -> None:
    def column(name: str, kind: sa.types.TypeEngine[object], comment: str | None = None) -> sa.Column[object]:
        return sa.Column(name, kind, nullable=False, comment=comment)

    when = sa.DateTime(timezone=True)
    op.create_table(
        "cortex_version",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        column("state", sa.String()),
        column("made_at", when),
        column("made_by", sa.String()),
        column("window_from", when, "Incidents from here on were learned from."),
        column("window_to", when),
        column("verdicts", sa.BigInteger(), "From how many verdicts."),
        column("incidents", sa.BigInteger(), "From how many incidents, those with a verdict among them."),
        column("numbers", postgresql.JSONB(), "Priors, P(seen | cause) and leaks that differ."),
        column("metrics", postgresql.JSONB(), "On held-out incidents, beside the version then in use."),
        column("changes", postgresql.JSONB(), "What moved, in words."),
        column("reason", sa.String(), "Why it was refused or retired."),
        sa.CheckConstraint("state IN ('candidate','in use','refused','retired')", name=op.f("ck_cortex_version_state")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_cortex_version")),
    )
    op.create_index(
        "uq_cortex_version_in_use",
        "cortex_version",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'in use'"),
    )


def downgrade() -> None:
    op.alter_column("notice", "kind", comment="outage | restored", existing_comment="outage | restored | correction")
    for table in ("cortex_version", *(f"excluded_{what}" for what in EXCLUDED), "verdict"):
        op.drop_table(table)
    op.drop_constraint(op.f("fk_incident_merged_into_id"), "incident")
    for name in ("regrouped", "merged_into_id", "held_by", "verdict_cause"):
        op.drop_column("incident", name)
    op.execute("UPDATE incident SET state = 'resolved' WHERE state = 'retracted'")
    _allow_states("")
