"""Vital signs of services: is a measurement beyond what is usual here at this hour, within it, or can't that be said?

Levels (sessions, traffic, routes) are held against the same hour of earlier weeks by median and median absolute
deviation, scaled by how the whole day runs: a bank holiday lowers all elements alike, slowly, and is nobody's
fault. Shares (rejects, time-outs, SERVFAIL, NAKs) are held against their own past by an exact binomial bound, so
that three failures of four tries at night say little and three hundred of four hundred say all. Twice in a row
makes a sign; too little history makes none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, sqrt
from statistics import median

from scipy.stats import beta

#: Earlier weeks that must be known before a level is judged, and tries before a share is.
WEEKS, TRIES = 3, 300
#: P(a share this high by chance), one-sided: some 300,000 looks at each of a few hundred series a year.
BY_CHANCE = 1e-7
#: A share is worth a word from twice the usual and this much above it, and above the worst usual hour by half.
MORE, ABOVE = 2.0, 0.03
#: Of the hours of the past, how many of the worst are taken as not usual.
WORST = 0.1
#: A standard deviation, from a median absolute deviation of normal values.
MAD = 1.4826
#: Standard deviations below the usual from which a level is beyond it, and up to which it is within.
FAR, NEAR = 5.0, 2.5
#: Elements that must be measured before anything is said of the whole day.
PEERS = 5


class Verdict(StrEnum):
    """What a measurement says."""

    BEYOND = "beyond"  # raise
    WITHIN = "within"  # clear
    BETWEEN = "between"  # leave it as it stands
    UNKNOWN = "unknown"  # too little history, or nothing measured


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reasons: what is seen, what is usual, and which share (0 to 1) fails or is gone."""

    verdict: Verdict
    observed: float = 0.0
    usual: float = 0.0
    share: float = 0.0


NOTHING = Judgement(Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Share:
    """Failures of so many tries."""

    failed: float
    tried: float

    @property
    def part(self) -> float:
        """Failures per try; 0 where nobody tried."""
        return self.failed / self.tried if self.tried else 0.0


@dataclass(frozen=True, slots=True)
class LevelRule:
    """How one kind of level is judged. `least`: usual level below which nothing is said; `drop`: share that must
    be gone; `noise`: share by which it always varies; `holiday`: how far all may be down together.
    """

    least: float
    drop: float
    noise: float
    holiday: float
    is_count: bool = False


#: Sessions stay up on a holiday, traffic does not; routes never vary.
RULES = {
    "sessions": LevelRule(least=20, drop=0.08, noise=0.015, holiday=0.85, is_count=True),
    "traffic_bps": LevelRule(least=1e6, drop=0.3, noise=0.05, holiday=0.5),
    "prefixes": LevelRule(least=100, drop=0.1, noise=0.01, holiday=1.0),
}


# -- shares


@dataclass(frozen=True, slots=True)
class UsualShare:
    """What is usual of a share: its mean, and the limit above which it is worth a word."""

    mean: float
    limit: float


def usual_share(hours: Sequence[Share]) -> UsualShare | None:
    """What these hours say is usual, the worst tenth left out; None for too few tries."""
    tried = [hour for hour in hours if hour.tried > 0]
    kept = sorted(tried, key=lambda hour: hour.part)[: max(1, round(len(tried) * (1 - WORST)))]
    whole = Share(sum(hour.failed for hour in kept), sum(hour.tried for hour in kept))
    if whole.tried < TRIES:
        return None
    worst = max((hour.part for hour in kept if hour.tried >= 20), default=0.0)
    return UsualShare(whole.part, max(MORE * whole.part, whole.part + ABOVE, 1.5 * worst))


def judge_share(recent: Sequence[Share], usual: UsualShare | None) -> Judgement:
    """Judge the measurements of the last minutes, the newest last. Two in a row that speak make a sign."""
    spoken = [share for share in recent if share.tried > 0]
    if usual is None or not spoken:
        return NOTHING
    last = spoken[-2:]
    whole = Share(sum(s.failed for s in spoken), sum(s.tried for s in spoken))
    seen = Share(sum(s.failed for s in last), sum(s.tried for s in last)).part
    if all(share.part <= usual.limit for share in last):
        return Judgement(Verdict.WITHIN, seen, usual.mean, seen)
    is_far = len(last) == 2 and all(share.part > usual.limit for share in last)
    is_sure = is_far and at_least(whole) > usual.limit
    return Judgement(Verdict.BEYOND if is_sure else Verdict.BETWEEN, seen, usual.mean, seen)


def at_least(share: Share) -> float:
    """The share that these failures prove, but for chance (Clopper and Pearson's lower bound)."""
    if share.failed <= 0:
        return 0.0
    failed = min(share.failed, share.tried)
    return float(beta.ppf(BY_CHANCE, failed, share.tried - failed + 1))


# -- levels


def how_the_day_runs(parts: Sequence[float], rule: LevelRule) -> float:
    """Today against the usual, over all elements: the median of their observed per expected, not their faults.

    `parts` are of about an hour ago, so that what falls for all at once just now is not taken for a holiday.
    """
    if len(parts) < PEERS:
        return 1.0
    return min(2 - rule.holiday, max(rule.holiday, median(parts)))


def judge_level(recent: Sequence[float], weeks: Sequence[float], today: float, rule: LevelRule) -> Judgement:
    """Judge the levels of the last minutes, the newest last, by the same hour of earlier weeks."""
    if len(weeks) < WEEKS or not recent:
        return NOTHING
    centre = median(weeks) * today
    if centre < rule.least:
        return NOTHING
    spread = max(MAD * median(abs(week - median(weeks)) for week in weeks) * today, rule.noise * centre)
    if rule.is_count:
        spread = max(spread, sqrt(centre))
    last = recent[-2:]
    seen = sum(last) / len(last)
    gone = max(0.0, 1 - seen / centre)
    below = [(centre - level) / spread for level in last]
    dropped = [1 - level / centre for level in last]
    if all(b <= NEAR or d <= rule.drop / 2 for b, d in zip(below, dropped, strict=True)):
        verdict = Verdict.WITHIN
    elif len(last) == 2 and min(below) >= FAR and min(dropped) >= rule.drop:
        verdict = Verdict.BEYOND
    else:
        verdict = Verdict.BETWEEN
    return Judgement(verdict, seen, centre, gone)


def at_this_hour(hours: dict[float, float], now: float, weeks: int = 8) -> list[float]:
    """The level at this moment of earlier weeks, interpolated between hours.

    `hours`: an hour's median by its first moment, in epoch seconds. A week of which an hour is missing is left out.
    """
    found = []
    for week in range(1, weeks + 1):
        at = now - week * 604_800 - 1800  # an hour's median stands for its middle
        before = at // 3600 * 3600
        low, high = hours.get(before, inf), hours.get(before + 3600, inf)
        if low < inf and high < inf:
            found.append(low + (high - low) * (at - before) / 3600)
    return found
