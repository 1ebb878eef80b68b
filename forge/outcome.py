"""What came of a call: five answers, each with one plain sentence for a person or a model."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from atlas.ledger.models import Action
from policies.decision import Decision


@dataclass(frozen=True, slots=True)
class Done:
    """It happened; `result` is the tool's. A look has no action."""

    result: dict[str, Any]
    action: UUID | None = None

    def text(self) -> str:
        """One sentence."""
        return "Done."

    def as_dict(self) -> dict[str, Any]:
        """As a model or a client gets it."""
        return {"status": "done", "text": self.text(), "result": self.result, "action": _id(self.action)}


@dataclass(frozen=True, slots=True)
class Started:
    """It is under way outside; how it ended comes as an event. `result` is what is known so far."""

    action: UUID
    reference: int
    result: dict[str, Any] | None = None

    def text(self) -> str:
        """One sentence."""
        return f"Started as #{self.reference}; it is not finished yet."

    def as_dict(self) -> dict[str, Any]:
        """As a model or a client gets it."""
        return {
            "status": "started",
            "text": self.text(),
            "reference": self.reference,
            "result": self.result,
            "action": _id(self.action),
        }


@dataclass(frozen=True, slots=True)
class AwaitingSignOff:
    """It waits until `until` for `quorum` people in one of the roles `approvers`."""

    action: UUID
    reference: int
    approvers: tuple[str, ...]
    quorum: int
    until: datetime
    summary: str

    def text(self) -> str:
        """One sentence."""
        people = "one other person" if self.quorum == 1 else f"{self.quorum} other people"
        return (
            f"#{self.reference} is not done yet: {people} ({' or '.join(self.approvers)}) must sign it "
            f"before {self.until:%Y-%m-%d %H:%M} UTC: {self.summary}"
        )

    def as_dict(self) -> dict[str, Any]:
        """As a model or a client gets it."""
        return {
            "status": "awaiting_sign_off",
            "text": self.text(),
            "reference": self.reference,
            "approvers": list(self.approvers),
            "quorum": self.quorum,
            "until": self.until.isoformat(),
            "summary": self.summary,
            "action": _id(self.action),
        }


@dataclass(frozen=True, slots=True)
class Denied:
    """It will not happen. `final`: asking again in other words changes nothing."""

    reason: str
    final: bool = True

    def text(self) -> str:
        """One sentence."""
        return f"Not done: {self.reason}" + (" This is final." if self.final else "")

    def as_dict(self) -> dict[str, Any]:
        """As a model or a client gets it."""
        return {"status": "denied", "text": self.text(), "reason": self.reason, "final": self.final}


@dataclass(frozen=True, slots=True)
class Failed:
    """It could not be done; `reason` says what is wrong and what to do instead."""

    reason: str

    def text(self) -> str:
        """One sentence."""
        return f"That did not work: {self.reason}"

    def as_dict(self) -> dict[str, Any]:
        """As a model or a client gets it."""
        return {"status": "failed", "text": self.text(), "reason": self.reason}


Outcome = Done | Started | AwaitingSignOff | Denied | Failed


def outcome_of(action: Action) -> Outcome:
    """The answer that an action's row gives."""
    match action.state:
        case "done":
            return Done(action.result or {}, action.id)
        case "awaiting_sign_off":
            return _awaiting(action)
        case "failed":
            return Failed(action.error or "The reason was not recorded.")
        case "unknown":
            return Failed(f"Whether #{action.reference} happened is not known; a person has to check it.")
        case "denied" | "rejected" | "expired":
            return Denied(action.error or "The rules don't allow it.")
    return Started(action.id, action.reference, action.result)


def _awaiting(action: Action) -> AwaitingSignOff:
    decision = Decision.from_dict(action.decision)
    assert action.expires_at is not None
    return AwaitingSignOff(
        action.id,
        action.reference,
        decision.approvers,
        decision.quorum,
        action.expires_at,
        action.summary,
    )


def _id(action: UUID | None) -> str | None:
    return str(action) if action else None
