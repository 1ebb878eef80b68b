"""The story's timeline: each event of the server as one line, with the time since the cut."""

import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

Event = dict[str, Any]

STYLES = {
    "cut": "bold red",
    "incident": "bold yellow",
    "ticket": "cyan",
    "note": "white",
    "work": "magenta",
    "sign": "bold blue",
    "notice": "green",
    "good": "bold green",
    "status": "dim",
}


def _cause(p: Event) -> str:
    sure = f"{p['confidence']:.0%} sure"
    return f"{p['title']} ({sure}) → {p['devices']} devices, {p['subscribers']} subscribers"


def _handed_over(subject: str, p: Event) -> str:
    what = "back-in-service notices" if p["tool"] == "notify_restored" else "outage notices"
    others = ", ".join(f"{n} {state}" for state, n in p.items() if isinstance(n, int) and state != "handed_over")
    return f"{subject}: {p.get('handed_over', 0)} {what} handed over, each on its subscriber's channel" + (
        f"; {others}" if others else ""
    )


# event kind -> (style, how to say it)
LINES: dict[str, tuple[str, Callable[[str, Event], str]]] = {
    "incident.opened": ("incident", lambda s, p: f"{s} from {p['alarms']} alarms: {_cause(p)}"),
    "incident.updated": ("incident", lambda s, p: f"{s} now: {_cause(p)}"),
    "incident.merged": ("incident", lambda s, p: f"{s} turned out to be part of {p['into']}"),
    "incident.note": ("note", lambda s, p: f"{s} {'(public) ' if p['public'] else ''}{p['text']}"),
    "incident.cleared": ("good", lambda s, _: f"{s}: every alarm has cleared; watching for ten minutes"),
    "incident.reopened": ("incident", lambda s, _: f"{s} is back"),
    "incident.restored": ("good", lambda s, p: f"{s}: {p['restored']} lines stable again, {p['missing']} not yet"),
    "incident.resolved": ("good", lambda s, p: f"{s} resolved: {p['title']}"),
    "ticket.opened": ("ticket", lambda s, p: f"{s} opened: {p['subject']}"),
    "ticket.linked": ("ticket", lambda s, p: f"{len(p['tickets'])} subscribers' open tickets tied to {s}"),
    "ticket.closed": ("ticket", lambda s, p: f"{p['tickets']} tickets of {s} resolved"),
    "work_order.created": ("work", lambda s, p: f"{s}: {p['skill'].replace('_', ' ')}, {p['place']}"),
    "work_order.assigned": ("work", lambda s, p: f"{s}: {p['technician']} is on the way"),
    "work_order.done": ("work", lambda s, p: f"{s} done: {p['outcome']}"),
    "action.awaiting_sign_off": ("sign", lambda _, p: f"sign-off #{p['reference']} asked by {p['by']}: {p['summary']}"),
    "action.approved": ("sign", lambda _, p: f"#{p['reference']} approved by {p['by']}"),
    "action.expired": ("sign", lambda _, p: f"#{p['reference']} withdrawn: {p['reason'] or 'nobody signed'}"),
    "notices.handed_over": ("notice", _handed_over),
}


class Timeline:
    """Prints lines with the seconds since `begin`, by the wall's clock and by the network's."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.began = time.monotonic()

    def begin(self) -> None:
        """Zero."""
        self.began = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Wall-clock seconds since zero."""
        return time.monotonic() - self.began

    def line(self, words: str, style: str = "status") -> None:
        """One line of the timeline."""
        stamp = Text(f"{self.elapsed:7.2f}s  ", style="dim")
        self.console.print(stamp + Text(words, style=STYLES[style]), highlight=False, soft_wrap=True)

    def event(self, event: Event) -> None:
        """An event of the server, if it belongs in the story."""
        if known := LINES.get(event["kind"]):
            style, say = known
            self.line(say(event["subject"], event["payload"]), style)

    def said(self, who: str, words: str, answer: str) -> None:
        """A sentence somebody wrote, and what the assistant answered."""
        self.line(f"{who} writes:", "status")
        self.console.print(Panel(Text(words), title=who, title_align="left", width=76, style="bold"))
        self.console.print(Panel(Text(answer), title="Bedrock", title_align="left", width=100, border_style="green"))
