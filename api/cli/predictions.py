"""`bedrock cortex predictions|look`: what is foreseen to fail, and how predictions have done. On the server."""

from typing import Annotated, Any

import typer

from api.cli.connection import AsJson, fail, out, print_json
from api.cli.models import in_store
from api.store import Store


def predictions(
    everything: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
    json: AsJson = False,
) -> None:
    """List what is predicted to fail, with the evidence, and how predictions have done so far."""
    from atlas.learning import predictions as kept

    async def read(store: Store) -> tuple[list[Any], list[Any]]:
        async with store.sessions() as session:
            return await kept.recent(session, everything=everything), await kept.scores(session)

    found, scores = in_store(read)
    if json:
        print_json({"predictions": [_prediction_row(each) for each in found], "scores": [s._asdict() for s in scores]})
        return
    for each in found:
        out.print(
            f"[bold]{each.reference}[/] {each.element}: {each.probability:.0%} by {each.due_at:%Y-%m-%d}, "
            f"{each.subscribers} subscribers; {each.state}" + (f": {each.outcome}" if each.outcome else ""),
            highlight=False,
        )
        for reason in each.evidence:
            out.print(f"    because  {reason['words']}", highlight=False, markup=False)
    if not found:
        out.print("Nothing is predicted to fail.")
    for score in scores:
        out.print(_score_words(score), highlight=False)


def _prediction_row(row: Any) -> dict[str, Any]:
    names = ("reference", "element", "probability", "subscribers", "cost", "evidence", "state", "outcome")
    return {name: getattr(row, name) for name in names} | {
        "made_at": row.made_at.isoformat(),
        "due_at": row.due_at.isoformat(),
    }


def _score_words(score: Any) -> str:
    if score.precision is None:
        return f"{score.model}: none has matured yet, {score.pending} are pending"
    return (
        f"{score.model}: {score.confirmed} of {score.confirmed + score.false} came true ({score.precision:.0%}; "
        f"{score.promised:.1f} were promised), {score.expired} could not be judged, {score.pending} are pending"
    )


def look() -> None:
    """Look ahead now, without waiting for the day's turn: predict, propose preventive work, score what has matured."""
    from api.compose import build_executor
    from forge.drivers import NetworkDrivers
    from forge.prediction.daily import look_ahead

    async def work(store: Store) -> Any:
        executor = build_executor(store, NetworkDrivers.build(store.settings))
        return await look_ahead(store.sessions, executor, store.settings, store.clock)

    looked = in_store(work)
    if looked is None:
        fail(
            "No model of failures is in use, or somebody is looking ahead right now; `bedrock cortex train` makes one."
        )
    out.print(
        f"{looked.elements:,} elements judged, {looked.predicted} predicted to fail, {looked.proposed} preventive jobs "
        f"proposed (see `bedrock approvals`), {looked.scored} earlier predictions scored",
        highlight=False,
    )
