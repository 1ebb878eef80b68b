"""Argument types that several tools share, each with its words for the model."""

from typing import Annotated

from pydantic import Field

IncidentReference = Annotated[str, Field(description="An incident's reference, such as INC-12.", max_length=20)]
ZoneNumber = Annotated[int, Field(description="A zone's number, such as 3.", ge=0, le=100_000)]
DeviceName = Annotated[
    str, Field(description="A device's name as the network has it, such as z3-agg-1.", max_length=200)
]
