"""Where the network's documentation differs from what its devices say of their neighbours."""

from typing import Annotated

from pydantic import BaseModel, Field

from atlas.network import gaps
from policies.spec import Risk, ToolContext, tool
from tools.incidents import NOC

#: As many as a person reads at once.
SHOWN = 20


class GapRow(BaseModel):
    """One difference."""

    gap: int = Field(description="Its number; a person settles it with it.")
    says: str
    confidence: float
    messages: int


class DocumentationGaps(BaseModel):
    """Open differences, the surest first."""

    total: int
    gaps: list[GapRow]


AboutDevice = Annotated[
    str, Field(description="Only those about this device, such as z3-agg-1; all when empty.", max_length=200)
]


@tool(risk=Risk.READ, audience=NOC)
async def documentation_gaps(ctx: ToolContext, device: AboutDevice = "") -> DocumentationGaps:
    """Show where the documented network differs from what its devices say of their neighbours."""
    found = await gaps.gaps(ctx.session, device=device or None)
    rows = [
        GapRow(gap=gap.id, says=gap.sentence, confidence=gap.confidence, messages=gap.messages) for gap in found[:SHOWN]
    ]
    return DocumentationGaps(total=len(found), gaps=rows)
