"""What of Cortex can be tuned, with the reason for each value. Times in seconds."""

from dataclasses import dataclass

from cortex.knowledge import HAND_WRITTEN, Knowledge


@dataclass(frozen=True, slots=True)
class Config:
    """Defaults suit polls every 30 s that time out after two tries, and accounting interims every 5
    minutes.
    """

    window: float = 120.0
    """How far apart signals of one fault may be in time: two poll rounds, and a BGP hold time of 90 s."""
    late: float = 2 * 3600.0
    """How old an event may be when it arrives, from a sender whose clock is not known to be right."""
    stale: float = 900.0
    """An event that is older than this when it arrives opens nothing, unless it turns out to stand still."""
    ahead: float = 60.0
    """How far a sender's clock may be ahead; beyond this and `late` the time of arrival counts."""
    prompt: float = 10.0
    """A message that took no longer than this to arrive shows that its sender had a way out then."""
    quorum: float = 0.5
    """Share of what depends on an element that must be silent for the element itself to be suspected."""
    hold: float = 300.0
    """How long a group whose alarms have all cleared stays, so that a flap returns to it."""
    forget: float = 3600.0
    """How long a group that is not notable is kept after its last signal."""
    silence: float = 60.0
    """By when a dead device has been noticed by the poller."""
    interim: float = 900.0
    """By when a dead line's missing accounting has been noticed."""
    doubtful_share: float = 0.3
    """What would cut off this share of all subscribers is doubted until two independent sources agree."""
    linger: float = 180.0
    """How long a dead line's session may still account: until the BNG misses its keepalives."""
    doubt_again: float = 60.0
    """How often what is doubted is weighed again."""
    max_faults: int = 4
    """Simultaneous faults looked for in one group."""
    max_candidates: int = 40
    """Elements scored in full for one fault, best first by a cheaper score: bounds the cost of a finding."""
    max_findings: int = 500
    """Groups worked out per call of `findings`; the rest waits for the next call."""
    max_evidence: int = 20_000
    """Alarms in the groups worked out per call of `findings`, one group at least: several huge storms at once take
    turns, so that the cost of an alarm does not grow with them."""
    looks: tuple[float, ...] = (5.0, 15.0, 60.0, 300.0, 900.0)
    """How long after its last signal a group is looked at again: by then BFD and ports, the IGP, the poller,
    BGP and accounting would have spoken. The first is also how long a single alarm may wait for others."""
    max_looks: int = 50
    """Such looks per call of `findings`; the rest waits for the next call."""
    another_fault: float = 5.0
    """Evidence (nats) a further simultaneous fault must bring: two at once are some 150 times rarer than
    one.
    """
    tie: float = 2.0
    """Two elements that predict the same alarms are told apart only by more than this (nats)."""
    temper: float = 0.6
    """Alarms of one fault depend on one another; counted as independent they make posteriors too sure."""
    sure: float = 0.7
    """Confidence from which a cause is called certain."""
    knowledge: Knowledge = HAND_WRITTEN
    """The version of the numbers that evidence is weighed with."""
