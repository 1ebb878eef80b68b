"""`bedrock migrate` and `bedrock token`: what the operator does on the server itself."""

from typing import Annotated

import typer

from api.auth import FEED_ROLE, STAFF_ROLES, issue, signing_key
from api.cli.connection import fail, out
from atlas.settings import Settings

DAY = 24 * 3600


def migrate() -> None:
    """Bring the database to this version; running it again changes nothing."""
    from api.prepare import prepare_database
    from atlas import server

    prepare_database(server.database_url(Settings()))
    out.print("The database is up to date.")


def token(
    role: Annotated[str, typer.Argument(help="subscriber, support, noc, noc_lead, admin, or feed for a machine.")],
    user: Annotated[str, typer.Argument(help="User name, or a subscriber's number.")],
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it is good for.")] = 30,
) -> None:
    """Print a token for somebody. It takes the server's secret, so only its operator can."""
    if role not in (*STAFF_ROLES, "subscriber", FEED_ROLE):
        fail(f"There is no role {role}; there are subscriber, {', '.join(STAFF_ROLES)}, {FEED_ROLE}.")
    typer.echo(issue(signing_key(Settings()), user, role, lifetime=days * DAY))
