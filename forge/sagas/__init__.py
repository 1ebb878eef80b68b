"""Durable workflows that read from top to bottom."""


def register() -> None:
    """Make every workflow known to DBOS; it must be before launch, so that recovered ones find their code."""
    from forge.sagas import fault_response, notices, pages  # noqa: F401 - importing registers them
