"""`bedrock cortex train|models|use-model|rollback|drift|rates`: models learnt from this network's history."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.cli.connection import AsJson, err, fail, out, print_json
from api.store import Store, open_store
from atlas.errors import DomainError
from atlas.settings import Settings

Answer = TypeVar("Answer")
Named = Annotated[str, typer.Argument(help="The model's name, such as failure.")]


def in_store(work: Callable[[Store], Awaitable[Answer]]) -> Answer:
    """Work on this server's database; what goes wrong is said in one sentence."""

    async def run() -> Answer:
        async with open_store(Settings()) as store:
            return await work(store)

    try:
        return asyncio.run(run())
    except DomainError as error:
        fail(error.message)


def train(
    days: Annotated[
        int | None, typer.Option(min=1, max=180, help="Days of history; all up to 180 if not given.")
    ] = None,
    seed: Annotated[int, typer.Option(help="For the same model from the same history.")] = 0,
    json: AsJson = False,
) -> None:
    """Learn anew from this network's history. A model that is worse than the one in use is refused."""
    from forge.prediction import training

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        tasks: dict[str, Any] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done)

        trained = in_store(
            lambda store: training.train(store.sessions, store.clock, days=days, seed=seed, progress=tell)
        )
    if json:
        print_json([_model_row(each.version) if each.version else each._asdict() for each in trained])
        return
    for each in trained:
        _say_trained(each)
    if not any(each.version for each in trained):
        raise typer.Exit(1)


def _say_trained(each: Any) -> None:
    version = each.version
    if version is None:
        out.print(f"[bold]{each.name}[/] not learnt: {each.why_not}", highlight=False)
        return
    metrics = version.metrics
    fate = f"refused: {version.reason}" if version.state == "refused" else "in use from now on"
    out.print(f"[bold]{version.reference}[/] {fate}", highlight=False)
    out.print(
        f"  learnt from {version.rows:,} rows, {version.data_from:%Y-%m-%d} to "
        f"{version.data_until:%Y-%m-%d}; measured on what came after {metrics.get('held_out_from', '')[:10]}",
        highlight=False,
    )
    out.print(f"  {figures(metrics)}", highlight=False)


def figures(metrics: dict[str, Any]) -> str:
    """The figures of a model in one line."""
    words = {
        "recall": "recall at 1 % false positives",
        "precision": "precision",
        "average_precision": "average precision",
        "brier": "Brier",
        "recall_of_empty": "of the empty visits advised against",
        "accuracy": "accuracy",
    }
    said = [f"{word} {metrics[name]:.3f}" for name, word in words.items() if name in metrics]
    if "failures" in metrics:
        said.append(f"{metrics['failures']:.0f} failures held out, {metrics['promised']:.1f} promised")
    return "; ".join(said)


def models(json: AsJson = False) -> None:
    """List every version of every model."""
    from atlas.learning import versions

    async def read(store: Store) -> list[Any]:
        async with store.sessions() as session:
            return await versions.every(session)

    found = in_store(read)
    if json:
        print_json([_model_row(each) for each in found])
    elif not found:
        out.print("Nothing was learnt yet; `bedrock cortex train` does it.")
    else:
        table = Table("model", "state", "trained", "from", "until", "rows", "figures", box=None)
        for each in found:
            table.add_row(
                each.reference, each.state, f"{each.trained_at:%Y-%m-%d %H:%M}", f"{each.data_from:%Y-%m-%d}",
                f"{each.data_until:%Y-%m-%d}", f"{each.rows:,}", figures(each.metrics),
            )  # fmt: skip
            if each.reason:
                table.add_row("", "", "", "", "", "", each.reason)
        out.print(table)


def _model_row(version: Any) -> dict[str, Any]:
    names = ("name", "version", "state", "reason", "rows", "positives", "metrics", "library", "digest")
    times = {name: getattr(version, name).isoformat() for name in ("trained_at", "data_from", "data_until")}
    return {name: getattr(version, name) for name in names} | times


def use_model(model: Named, version: Annotated[int, typer.Argument(help="Its number.", min=1)]) -> None:
    """Take a version of a model into use, whatever training thought of it."""
    from atlas.learning import versions

    _switch(lambda session, now: versions.use(session, model, version, by=getpass.getuser(), now=now))


def rollback(model: Named = "failure") -> None:
    """Go back to the version that was in use before."""
    from atlas.learning import versions

    _switch(lambda session, now: versions.rollback(session, model, by=getpass.getuser(), now=now))


def _switch(how: Callable[[Any, Any], Awaitable[Any]]) -> None:
    from atlas.db import transaction

    async def work(store: Store) -> str:
        async with transaction(store.sessions) as session:
            return str((await how(session, store.clock.now())).reference)

    out.print(f"{in_store(work)} is in use.")


def drift(json: AsJson = False) -> None:
    """Show how far the network has moved from what the model in use learnt from, as the last look found it."""
    import numpy as np

    from atlas.learning import predictions as kept
    from cortex.degradation.drift import MOVED, calibration

    async def read(store: Store) -> tuple[Any, Any]:
        async with store.sessions() as session:
            last = await kept.last_round(session)
            return last, await kept.matured(session, last.model_id) if last else []

    last, matured = in_store(read)
    if last is None:
        fail("No look ahead was taken yet; `bedrock cortex look` takes one, and a worker takes one a day.")
    so_far = calibration(np.array([p for p, _ in matured]), np.array([came for _, came in matured], dtype=np.bool_))
    if json:
        print_json(
            {"at": last.at.isoformat(), "elements": last.elements, "features": last.drift, "matured": so_far._asdict()}
        )
        return
    table = Table("feature", "PSI", "KS", "", box=None)
    for each in last.drift:
        moved = "has moved" if each["psi"] > MOVED else ""
        table.add_row(each["feature"], f"{each['psi']:.3f}", f"{each['ks']:.3f}", moved)
    out.print(f"{last.at:%Y-%m-%d %H:%M} UTC, {last.elements:,} elements; above {MOVED} train again", highlight=False)
    out.print(table)
    out.print(
        f"{so_far.matured} predictions have matured: {so_far.came_true} came true where {so_far.promised:.1f} were "
        f"promised (Brier {so_far.brier:.3f})",
        highlight=False,
    )


def rates(
    days: Annotated[
        int | None, typer.Option(min=1, max=180, help="Days of history; all up to 180 if not given.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Say which hardware batch or firmware fails more often than others of its age."""
    from cortex.degradation import rates as by_class
    from forge.prediction.gather import gather

    async def read(store: Store) -> Any:
        async with store.sessions() as session:
            return (await gather(session, store.clock.now(), days)).fleet

    fleet = in_store(read)
    batches = by_class.rates(fleet, [each.batch for each in fleet.traits], fleet.days)
    blamed = {rate.name for rate in batches if rate.stands_out}  # a firmware isn't blamed for the batch it runs on
    firmwares = ["" if each.batch in blamed else each.firmware for each in fleet.traits]
    found = {"batch": batches, "firmware": by_class.rates(fleet, firmwares, fleet.days)}
    if json:
        print_json({what: [rate._asdict() for rate in each] for what, each in found.items()})
        return
    said = [rate.words(what.capitalize()) for what, each in found.items() for rate in each if rate.stands_out]
    for words in said or ["No batch and no firmware certainly fails more often than the rest."]:
        out.print(words, highlight=False, markup=False)
