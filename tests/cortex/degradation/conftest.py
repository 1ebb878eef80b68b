"""One made-up world, learnt from once for all tests of this folder."""

import numpy as np
import pytest

from benchmarks import prediction_world
from cortex.degradation import training
from cortex.degradation.training import Sheet
from cortex.trees import Trees


@pytest.fixture(scope="session")
def learnt() -> tuple[Trees, Sheet, Sheet]:
    """A model, the rows it was learnt from, and those held out."""
    world = prediction_world.make(1000, 90, 4)
    plan = training.plan(90)
    sheet = training.rows(world.fleet, plan.all)
    model = training.train(world.fleet, plan, sheet)
    return model, sheet.at(np.isin(sheet.cut, plan.learnt)), training.held_out(plan, sheet)
