"""`bedrock cortex …`: what Cortex has learned of this network. For the server's operator; one file per matter."""

import typer

from api.cli import causality, gaps, learning, models, predictions

app = typer.Typer(help="What Cortex has learned of this network, and what it foresees.", no_args_is_help=True)
app.command("learn")(learning.learn)
app.command("versions")(learning.versions)
app.command("use")(learning.use)
app.command("train")(models.train)
app.command("models")(models.models)
app.command("use-model")(models.use_model)
app.command("rollback")(models.rollback)
app.command("drift")(models.drift)
app.command("rates")(models.rates)
app.command("look")(predictions.look)
app.command("predictions")(predictions.predictions)
app.command("gaps")(gaps.gaps)
app.command("accept-gap")(gaps.accept_gap)
app.command("dismiss-gap")(gaps.dismiss_gap)
app.command("causality")(causality.causality)
