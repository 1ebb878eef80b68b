"""The simulated network: answers polls, and says what real gear would say when something is cut or mended."""

from atlas.demo.gear.run import run_gear

__all__ = ["run_gear"]
