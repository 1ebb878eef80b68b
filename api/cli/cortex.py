"""`bedrock cortex …`: what Cortex has learned of this network."""

import typer

from api.cli import causality, gaps

app = typer.Typer(help="What Cortex has learned of this network.", no_args_is_help=True)
app.command("gaps")(gaps.gaps)
app.command("accept-gap")(gaps.accept_gap)
app.command("dismiss-gap")(gaps.dismiss_gap)
app.command("causality")(causality.causality)
