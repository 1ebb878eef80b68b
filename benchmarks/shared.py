"""Where data for measuring lies that is not part of the product: `shared` beside the checkout, or BEDROCK_SHARED."""

import os
from pathlib import Path


def shared(name: str) -> Path:
    """A folder of the shared data; it may not be there."""
    return Path(os.environ.get("BEDROCK_SHARED") or Path(__file__).parents[2] / "shared") / name
