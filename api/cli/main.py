"""The `bedrock` command: one file per group of commands."""

import typer

from api.cli import approvals, chat, cortex, demo, incidents, replay, serve, setup, up

app = typer.Typer(
    name="bedrock",
    help="An AI-native operating system for Internet Service Providers.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # they may hold personal data
)
app.command()(serve.serve)
app.command()(setup.migrate)
app.command()(setup.token)
app.command()(chat.chat)
app.command()(incidents.incidents)
app.command()(approvals.approvals)
app.command()(approvals.approve)
app.command()(approvals.reject)
app.command()(replay.replay)
demo.app.command()(up.up)
demo.app.command()(up.story)
app.add_typer(demo.app, name="demo")
app.add_typer(cortex.app, name="cortex")

if __name__ == "__main__":
    app()
