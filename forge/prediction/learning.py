"""What a training hands over: the model to keep, and why it must not be used if it must not."""

from typing import NamedTuple

from atlas.learning.versions import Learnt


class Learning(NamedTuple):
    """`refused` is empty for a model that may be used."""

    learnt: Learnt
    refused: str = ""
