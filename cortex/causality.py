"""Which type of alarm sets off which, learned from a log of (type, device, time), and links where they are known.

A multivariate Hawkes process per effect: its rate on a device is a share of that device's own average, plus what
every earlier alarm there adds and lets fade, over `DELAYS` from a second to an hour, never less than nothing.
Repeats of the effect itself are always in. Causes are taken in one by one, the most telling first, while each
explains more than Schwarz' criterion (BIC, 1978) asks for it. No truth is needed and nothing else is set.

What is learned is "beyond chance, after": a common cause that raises no alarm of its own looks like a cause too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Mean seconds after which a cause's effect follows: at once, within a poll, within a hold time, within the hour.
DELAYS = (1.0, 20.0, 300.0, 3600.0)
#: Alarms of one second have no order: each is taken to have come before the other by half.
AT_ONCE = 0.5
#: Steps of expectation and maximisation per fit; the likelihood is concave and this is near its top.
STEPS = 40
#: A column that explains less than this share of the effects is not counted as a parameter of the model.
NOTHING = 1e-3
#: An effect with fewer alarms is not looked into.
LEAST = 20


class Log(NamedTuple):
    """The alarms of a log, raised ones only: type and device numbers from 0, seconds."""

    kind: Ints
    device: Ints
    at: Floats


class Trigger(NamedTuple):
    """A cause and its effect, by type number. `gain`: nats beyond the criterion. `share` of the effect's alarms
    that it explains, `lag` seconds after it on average. `near`: it also acts from device to neighbour.
    """

    cause: int
    effect: int
    gain: float
    share: float
    lag: float
    near: bool


@dataclass(frozen=True, slots=True)
class Learned:
    """All triggers, the surest first, and the criterion of the whole: higher is better for the same log."""

    triggers: tuple[Trigger, ...]
    criterion: float

    def matrix(self, kinds: int) -> npt.NDArray[np.bool_]:
        """[cause, effect]: whether the one sets off the other."""
        found = np.zeros((kinds, kinds), dtype=np.bool_)
        for trigger in self.triggers:
            found[trigger.cause, trigger.effect] = True
        return found


def learn(log_: Log, kinds: int, links: Sequence[tuple[int, int]] = ()) -> Learned:
    """The triggers among types 0 to `kinds` - 1. With `links` between devices, neighbours count where the
    criterion is for it.
    """
    if not len(log_.at):
        return Learned((), 0.0)
    own = [_Excitation.within(log_, kinds, delay) for delay in DELAYS]
    alone = _learn(log_, kinds, own, [])
    if not links:
        return alone
    near = [_Excitation.between(log_, kinds, delay, links) for delay in DELAYS]
    return max((alone, _learn(log_, kinds, own, near)), key=lambda learned: learned.criterion)


def _learn(log_: Log, kinds: int, own: "list[_Excitation]", near: "list[_Excitation]") -> Learned:
    triggers: list[Trigger] = []
    criterion = 0.0
    for effect, count in enumerate(np.bincount(log_.kind, minlength=kinds)):
        if count >= LEAST:
            choice = _Choice.of(log_, effect, kinds, own, near)
            criterion += choice.choose()
            triggers += choice.triggers()
    return Learned(tuple(sorted(triggers, key=lambda t: (-t.gain, t.cause, t.effect))), criterion)


# -- what earlier alarms add


class _Excitation(NamedTuple):
    """For one delay: what alarms of each type before it add to the rate at each alarm [alarm, type], and over
    the whole time [type].
    """

    at: Floats
    whole: Floats

    @classmethod
    def within(cls, log_: Log, kinds: int, delay: float) -> "_Excitation":
        """What alarms add on their own device."""
        return cls._of(log_, kinds, delay, {int(d): [int(d)] for d in np.unique(log_.device)}, itself=True)

    @classmethod
    def between(cls, log_: Log, kinds: int, delay: float, links: Sequence[tuple[int, int]]) -> "_Excitation":
        """What alarms add on the neighbours of their device."""
        reach: dict[int, list[int]] = {}
        for a, z in links:
            reach.setdefault(a, []).append(z)
            reach.setdefault(z, []).append(a)
        return cls._of(log_, kinds, delay, reach, itself=False)

    @classmethod
    def _of(cls, log_: Log, kinds: int, delay: float, reach: dict[int, list[int]], *, itself: bool) -> "_Excitation":
        devices = int(log_.device.max()) + 1
        state, since = np.zeros((devices, kinds)), np.zeros(devices)
        at, whole = np.zeros((len(log_.at), kinds)), np.zeros(kinds)
        end = float(log_.at.max())

        def faded(device: int, now: float) -> Floats:
            if since[device] != now:
                state[device] *= exp(-(now - since[device]) / delay)
                since[device] = now
            row: Floats = state[device]
            return row

        for batch in _moments(log_):
            now = float(log_.at[batch[0]])
            for weight in (AT_ONCE, 1 - AT_ONCE):
                if weight == 1 - AT_ONCE:
                    for alarm in batch:
                        at[alarm] = faded(int(log_.device[alarm]), now) / delay
                        if itself:
                            at[alarm, log_.kind[alarm]] -= AT_ONCE / delay  # no alarm is its own cause
                for alarm in batch:
                    for device in reach.get(int(log_.device[alarm]), ()):
                        faded(device, now)[log_.kind[alarm]] += weight
            for alarm in batch:
                whole[log_.kind[alarm]] += len(reach.get(int(log_.device[alarm]), ())) * (1 - exp(-(end - now) / delay))
        return cls(np.maximum(at, 0.0), whole)


def _moments(log_: Log) -> Iterator[Ints]:
    """The alarms of each second of the log that has any, by their place in it."""
    order = np.argsort(log_.at, kind="stable")
    cuts = np.flatnonzero(np.diff(log_.at[order])) + 1
    return iter(np.split(order, cuts))


# -- which causes an effect has


class _Taken(NamedTuple):
    """What the criterion gained by a candidate, and its columns."""

    gain: float
    columns: list[int]


@dataclass(slots=True)
class _Choice:
    """The causes of one effect, being chosen. Columns: all types at each delay, on the device, then near it, then
    the device's own average. A candidate is a type on the device (its first column < kinds) or near it.
    """

    effect: int
    kinds: int
    rates: Floats
    whole: Floats
    columns: list[int]
    candidates: dict[int, list[int]]
    taken: dict[int, "_Taken"]
    price: float

    @classmethod
    def of(cls, log_: Log, effect: int, kinds: int, own: list[_Excitation], near: list[_Excitation]) -> "_Choice":
        """Nothing chosen yet but the device's average and the effect itself."""
        mine = np.flatnonzero(log_.kind == effect)
        count = np.bincount(log_.device[mine])
        span = max(1.0, float(log_.at.max() - log_.at.min()))
        both = [*own, *near]
        rates = np.column_stack([*(e.at[mine] for e in both), count[log_.device[mine]] / span])
        whole = np.append(np.concatenate([e.whole for e in both]), float(len(mine)))
        steps, far = len(own), len(near)
        candidates = {k: [step * kinds + k for step in range(steps)] for k in range(kinds) if k != effect}
        for k in range(kinds if far else 0):
            candidates[kinds * steps + k] = [(steps + step) * kinds + k for step in range(far)]
        itself = [step * kinds + effect for step in range(steps)]
        columns = [len(whole) - 1, *itself]
        return cls(effect, kinds, rates, np.maximum(whole, 1e-9), columns, candidates, {}, 0.5 * log(len(mine)))

    def choose(self) -> float:
        """Take in candidates while the criterion gains by it; the criterion in the end."""
        score = self._fit(self.columns)[1]
        while self.candidates:
            tried = {first: self._tried(columns, score) for first, columns in self.candidates.items()}
            first = max(tried, key=lambda each: (tried[each], -each))
            if tried[first] <= 0:
                break
            self.taken[first] = _Taken(tried[first], self.candidates.pop(first))
            self.columns += self.taken[first].columns
            score = self._fit(self.columns)[1]
        return score - self.price * sum(len(DELAYS) for _ in self.taken)

    def _tried(self, columns: list[int], score: float) -> float:
        """What the criterion gains by these columns: likelihood, less half the log of the alarms per parameter."""
        height, likelihood = self._fit(self.columns + columns)
        used = int((height[-len(columns) :] * self.whole[columns] > NOTHING * len(self.rates)).sum())
        return likelihood - score - self.price * max(1, used)

    def _fit(self, columns: list[int]) -> tuple[Floats, float]:
        """The heights of the columns, none below zero, and the log-likelihood: EM, as each alarm has one cause."""
        rates, whole = self.rates[:, columns], self.whole[columns]
        height = len(rates) / len(columns) / whole
        for _ in range(STEPS):
            height = height * (rates.T @ (1 / np.maximum(rates @ height, 1e-300))) / whole
        return height, float(np.log(np.maximum(rates @ height, 1e-300)).sum() - whole @ height)

    def triggers(self) -> Iterator[Trigger]:
        """The causes that were taken in; one that acts on the device and near it is one."""
        height, _ = self._fit(self.columns)
        parts = self.rates[:, self.columns] * height
        share = (parts / np.maximum(parts.sum(1, keepdims=True), 1e-300)).mean(0)
        of = dict(zip(self.columns, share.tolist(), strict=True))
        for cause in range(self.kinds):
            firsts = [first for first in self.taken if first % self.kinds == cause]
            columns = [column for first in firsts for column in self.taken[first].columns]
            if firsts and cause != self.effect:
                whole = sum(of[column] for column in columns)
                lag = sum(of[column] * DELAYS[column // self.kinds % len(DELAYS)] for column in columns)
                gain, near = sum(self.taken[first].gain for first in firsts), max(firsts) >= self.kinds
                yield Trigger(cause, self.effect, gain, whole, lag / whole if whole else 0.0, near)
