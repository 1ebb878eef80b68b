"""What the gate answers, and what signatures that answer asks for."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

Effect = Literal["allowed", "sign_off", "denied"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """`quorum` different people, each in one of the roles `approvers`, must sign; it lapses after `expires`."""

    approvers: frozenset[str]
    quorum: int
    expires: timedelta

    def met_by(self, roles: Collection[str]) -> bool:
        """Whether people in these roles, one entry a person, are enough."""
        return sum(role in self.approvers for role in roles) >= self.quorum


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's answer. `rules`: the ids of the rules that made it. `reason`: one sentence for a person."""

    effect: Effect
    rules: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    reason: str = ""

    @property
    def approvers(self) -> tuple[str, ...]:
        """Every role whose signature counts."""
        return tuple(sorted({role for each in self.requirements for role in each.approvers}))

    @property
    def quorum(self) -> int:
        """How many signatures it takes."""
        return sum(each.quorum for each in self.requirements)

    @property
    def expires(self) -> timedelta | None:
        """How long it may wait for them."""
        return min((each.expires for each in self.requirements), default=None)

    def satisfied_by(self, roles: Collection[str]) -> bool:
        """Whether signatures of people in these roles (one entry a person) are what the decision asks for."""
        if self.effect == "sign_off":
            return bool(self.requirements) and all(each.met_by(roles) for each in self.requirements)
        return self.effect == "allowed"

    def as_dict(self) -> dict[str, Any]:
        """As the ledger keeps it; `from_dict` reads it back."""
        return {
            "effect": self.effect,
            "rules": list(self.rules),
            "requirements": [
                {
                    "approvers": sorted(each.approvers),
                    "quorum": each.quorum,
                    "expires": each.expires.total_seconds(),
                }
                for each in self.requirements
            ],
            "reason": self.reason,
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> "Decision":
        """A decision as the ledger kept it."""
        requirements = tuple(
            Requirement(frozenset(each["approvers"]), each["quorum"], timedelta(seconds=each["expires"]))
            for each in kept["requirements"]
        )
        return cls(kept["effect"], tuple(kept["rules"]), requirements, kept["reason"])


def strictest(requirements: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """What satisfies every one of several rules: the roles all accept, the largest quorum, the least time.

    Where no role is accepted by all, each rule keeps its own requirement and all must be met.
    """
    each = tuple(requirements)
    if len(each) < 2:
        return each
    common = frozenset.intersection(*(r.approvers for r in each))
    if not common:
        return each
    return (Requirement(common, max(r.quorum for r in each), min(r.expires for r in each)),)
