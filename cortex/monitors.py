"""Which monitors carry findings alone, and which of them are taken to be blind: one blind monitor is one cause."""

from cortex.blind import CALLED_DEAD, Judgement
from cortex.group import NONE
from cortex.groups import Groups
from cortex.signals import Signal

#: So many groups that one monitor alone carries are taken to be one.
MANY = 3


class Monitors:
    """Monitors by the name of their feed, and the groups that nobody else has heard of."""

    def __init__(self, groups: Groups) -> None:
        """No monitor is suspected."""
        self.groups = groups
        self._carried: dict[str, set[int]] = {}
        self._suspected: dict[str, int] = {}  # monitor taken to be blind -> the group of that
        self._said: dict[str, Judgement] = {}  # monitor -> why it is taken to be blind

    def carries(self, vantage: str, group: int) -> None:
        """This monitor alone says so."""
        self._carried.setdefault(vantage, set()).add(group)

    def suspect(self, judged: Judgement, group: int) -> None:
        """What this monitor calls dead is alive: it is blind, and this group is about that."""
        self._suspected.setdefault(judged.vantage, group)
        if judged.silent >= self._said.get(judged.vantage, judged).silent:
            self._said[judged.vantage] = judged

    def is_about_one(self, group: int) -> bool:
        """Whether this group is about a monitor taken to be blind, or so carried by it that it may be."""
        return any(self.groups.find(number) == group for number in self._suspected.values())

    def standing(self, group: int) -> Judgement | None:
        """Why the monitor this group is about is taken to be blind; as it comes to see again, that stays so."""
        found = (v for v, number in self._suspected.items() if self.groups.find(number) == group)
        return next((self._said[vantage] for vantage in found if vantage in self._said), None)

    def group_of(self, signal: Signal) -> int | None:
        """Where a monitor that is taken to be blind hears nothing once more, it is of that."""
        if signal.cleared or signal.type != CALLED_DEAD:
            return None
        group = self.groups.get(self._suspected.get(signal.feed, NONE))
        return group.id if group is not None and not group.is_cleared else None

    def join(self) -> None:
        """One blind monitor is one cause, however many groups it has made. So are several that nobody else
        has heard of: that they broke at once, each unnoticed by its neighbours, is less likely.
        """
        for vantage, numbers in self._carried.items():
            known = self._standing(numbers)
            if len(known) >= MANY or (known and vantage in self._suspected):
                known |= self._standing({self._suspected.get(vantage, NONE)})
                self._suspected[vantage] = self.groups.united(sorted(known))
                known = set()
            self._carried[vantage] = known
        self._suspected = {v: n for v, n in self._suspected.items() if self._standing({n})}
        self._said = {v: judged for v, judged in self._said.items() if v in self._suspected}

    def _standing(self, numbers: set[int]) -> set[int]:
        """Of these groups, those that are open and have not cleared."""
        return {g.id for n in numbers if (g := self.groups.get(n)) is not None and not g.is_cleared}
