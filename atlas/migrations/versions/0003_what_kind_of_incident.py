"""Incidents say how their cause is at fault, what subscribers notice, who mends it, and what is doubtful."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Column -> (type, value for incidents that are there already, comment)
COLUMNS: dict[str, tuple[sa.types.TypeEngine[object], str, str]] = {
    "degraded": (sa.BigInteger(), "0", "Subscribers with poor service, none of them cut off."),
    "mode": (sa.String(), "", "How the cause is at fault where it is not simply dead."),
    "effect": (sa.String(), "down", "What subscribers notice of it."),
    "remedy": (sa.String(), "crew", "Who mends it: a crew, a desk, or time."),
    "doubts": (postgresql.JSONB(), "[]", "Why a person must look before any subscriber is told."),
}
CHECKS = {"effect": "effect IN ('down','degraded','at risk','none')", "remedy": "remedy IN ('crew','desk','wait')"}


def upgrade() -> None:
    for name, (kind, value, comment) in COLUMNS.items():
        op.add_column("incident", sa.Column(name, kind, nullable=False, server_default=value, comment=comment))
        op.alter_column("incident", name, server_default=None)
    for name, check in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_incident_{name}"), "incident", check)


def downgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_incident_{name}"), "incident")
    for name in COLUMNS:
        op.drop_column("incident", name)
