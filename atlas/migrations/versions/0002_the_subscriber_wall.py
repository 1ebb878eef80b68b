"""The subscriber's wall: what the role under a subscriber's tool bodies may see and write.

A row is theirs when it leads to `bedrock.subscriber_id`, a setting bound for one transaction. Without the
setting nothing is visible; what is not granted here is refused.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROLE = "bedrock_subscriber"
ME = "NULLIF(current_setting('bedrock.subscriber_id', true), '')::bigint"
MY_ACCOUNTS = f"(SELECT id FROM account WHERE subscriber_id = {ME})"
MY_SERVICES = f"(SELECT id FROM service WHERE subscriber_id = {ME})"
MY_NODES = f"(SELECT access_node_id FROM service WHERE subscriber_id = {ME})"

# table -> (which rows are mine, what may be done with them)
MINE = {
    "subscriber": (f"id = {ME}", "SELECT"),
    "contact": (f"subscriber_id = {ME}", "SELECT"),
    "consent": (f"subscriber_id = {ME}", "SELECT"),
    "interaction": (f"subscriber_id = {ME}", "SELECT, INSERT"),
    "product_order": (f"subscriber_id = {ME}", "SELECT"),
    "service": (f"subscriber_id = {ME}", "SELECT"),
    "account": (f"subscriber_id = {ME}", "SELECT"),
    "invoice": (f"account_id IN {MY_ACCOUNTS}", "SELECT"),
    "invoice_line": (f"invoice_id IN (SELECT id FROM invoice WHERE account_id IN {MY_ACCOUNTS})", "SELECT"),
    "payment": (f"account_id IN {MY_ACCOUNTS}", "SELECT"),
    "credit": (f"account_id IN {MY_ACCOUNTS}", "SELECT, INSERT"),
    "ticket": (f"subscriber_id = {ME}", "SELECT, INSERT, UPDATE"),
    "incident_line": (f"subscriber_id = {ME}", "SELECT"),
    "conversation": (f"subscriber_id = {ME}", "SELECT, UPDATE"),
    "message": (
        f"conversation_id IN (SELECT id FROM conversation WHERE subscriber_id = {ME})",
        "SELECT",
    ),
    "notice": (f"subscriber_id = {ME}", "SELECT"),
    "appointment": (f"subscriber_id = {ME}", "SELECT, INSERT, UPDATE"),
    "address": (f"id IN (SELECT address_id FROM service WHERE subscriber_id = {ME})", "SELECT"),
    "node": (f"id IN {MY_NODES}", "SELECT"),
    "sample": (f"node_id IN {MY_NODES}", "SELECT"),
    "access_session": (f"service_id IN {MY_SERVICES}", "SELECT"),
    # An incident is a subscriber's business when it cuts off one of their lines.
    "incident": (f"id IN (SELECT incident_id FROM incident_line WHERE subscriber_id = {ME})", "SELECT"),
    "incident_update": (
        f"is_public AND incident_id IN (SELECT incident_id FROM incident_line WHERE subscriber_id = {ME})",
        "SELECT",
    ),
}
# Not personal: the price list, the names of the zones, the skills there are; events may be told, not read.
OPEN = {"plan": "SELECT", "zone": "SELECT", "event": "INSERT"}


def upgrade() -> None:
    op.execute(f"GRANT USAGE ON SCHEMA public TO {ROLE}")
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    for table, grants in OPEN.items():
        op.execute(f"GRANT {grants} ON {table} TO {ROLE}")
    for table, (mine, grants) in MINE.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY mine ON {table} TO {ROLE} USING ({mine}) WITH CHECK ({mine})")
        op.execute(f"GRANT {grants} ON {table} TO {ROLE}")


def downgrade() -> None:
    for table in MINE:
        op.execute(f"DROP POLICY mine ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {ROLE}")
    op.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {ROLE}")
    op.execute(f"REVOKE USAGE ON SCHEMA public FROM {ROLE}")
