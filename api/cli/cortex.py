"""`bedrock cortex …`: what Cortex has learned of this network. For the server's operator; one file per matter."""

import typer

from api.cli import causality, gaps, learning

app = typer.Typer(help="What Cortex has learned of this network.", no_args_is_help=True)
app.command("learn")(learning.learn)
app.command("versions")(learning.versions)
app.command("use")(learning.use)
app.command("gaps")(gaps.gaps)
app.command("accept-gap")(gaps.accept_gap)
app.command("dismiss-gap")(gaps.dismiss_gap)
app.command("causality")(causality.causality)
