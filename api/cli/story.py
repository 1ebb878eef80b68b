"""The fault story, played against a running demo server: a thin client that cuts, asks, signs and repairs.

Nothing in it knows what the answers will be: every line is an event or an answer of the server.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
from httpx_sse import aconnect_sse
from rich.console import Console
from rich.table import Table

from api.auth import demo_token
from api.cli.timeline import Event, Timeline

#: Wall-clock seconds after which a step that has not come is a failure of the story.
PATIENCE = 120.0
#: Wall-clock seconds the storm is left to speak before the engineer asks.
STORM_SECONDS = 15.0

Wanted = Callable[[Event], bool]


class StoryError(Exception):
    """The story did not go on; the message says what was waited for."""


class Story:
    """One play: the timeline, the people, and everything the server has told so far."""

    def __init__(self, url: str, key: bytes, console: Console) -> None:
        self.url, self.key = url, key
        self.timeline = Timeline(console)
        self.heard: list[Event] = []
        self.news = asyncio.Condition()
        self.marks: dict[str, float] = {}

    def person(self, who: str) -> httpx.AsyncClient:
        """A client that speaks for a demo person, `role:user`."""
        headers = {"Authorization": f"Bearer {demo_token(self.key, who)}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=PATIENCE)

    async def listen(self, ready: asyncio.Event) -> None:
        """Take in what happens, for as long as the story lasts."""
        async with self.person("noc:anna") as client:
            timeout = httpx.Timeout(PATIENCE, read=None)
            async with aconnect_sse(client, "GET", "/events", timeout=timeout) as stream:
                async for each in stream.aiter_sse():
                    if each.event == "listening":
                        ready.set()
                    if not each.data or each.data == "{}":
                        continue  # a keep-alive, or the place the stream starts from
                    event = {"kind": each.event, **each.json()}
                    self.timeline.event(event)
                    async with self.news:
                        self.heard.append(event)
                        self.news.notify_all()

    async def wait_for(self, kind: str, wanted: Wanted = lambda _: True) -> Event:
        """The first event of a kind that is wanted, heard already or still to come."""

        def found() -> Event | None:
            return next((e for e in self.heard if e["kind"] == kind and wanted(e)), None)

        try:
            async with asyncio.timeout(PATIENCE), self.news:
                await self.news.wait_for(lambda: found() is not None)
        except TimeoutError:
            raise StoryError(f"No {kind} came within {PATIENCE:.0f} s.") from None
        event = found()
        assert event is not None
        self.marks.setdefault(kind, self.timeline.elapsed)
        return event

    async def ask(self, client: httpx.AsyncClient, who: str, thread: str, words: str) -> str:
        """Say something in a thread and print what the assistant answers."""
        answer = (await call(client, "POST", f"/conversations/{thread}/messages", json={"text": words}))["answer"]
        self.timeline.said(who, words, answer["text"] if answer else "(a person will answer)")
        return str(answer["text"]) if answer else ""


async def call(client: httpx.AsyncClient, method: str, path: str, **options: Any) -> Any:
    """The JSON of an answer. StoryError with the server's sentence when it is a problem."""
    response = await client.request(method, path, **options)
    if response.is_error:
        raise StoryError(f"{method} {path}: {response.text[:300]}")
    return response.json()


async def play(url: str, key: bytes, element: str | None, console: Console) -> None:
    """Play the whole story on a demo server. StoryError when a step does not come."""
    story = Story(url, key, console)
    ready = asyncio.Event()
    listening = asyncio.create_task(story.listen(ready))
    acting = asyncio.create_task(_act(story, ready, element, console))
    try:
        await asyncio.wait({listening, acting}, return_when=asyncio.FIRST_COMPLETED)
        if not acting.done():
            listening.result()
            raise StoryError("The server closed the stream of events.")
        acting.result()
    finally:
        listening.cancel()
        acting.cancel()


async def _act(story: Story, ready: asyncio.Event, element: str | None, console: Console) -> None:
    """One act after the other."""
    await asyncio.wait_for(ready.wait(), PATIENCE)
    async with story.person("noc:anna") as anna, story.person("noc_lead:lena") as lena:
        element = element or await _default_element(anna)
        await _break(story, anna, element)
        incident = await _understand(story)
        await _respond(story, anna, lena, incident)
        await _answer_subscriber(story, anna, incident)
        await _repair(story, anna, element, incident)
        await _sum_up(story, anna, incident, console)


def _about(incident: str) -> Wanted:
    """Events whose subject is this incident."""
    return lambda event: bool(event["subject"] == incident)


async def _default_element(client: httpx.AsyncClient) -> str:
    """The backhaul of zone 3."""
    elements = (await call(client, "GET", "/demo/elements"))["elements"]
    found = [each["element"] for each in elements if each["zone"] == 3 and each["what"] == "backhaul"]
    if not found:
        raise StoryError("The demo ISP has no backhaul in zone 3; name an element with --element.")
    return str(found[0])


async def _break(story: Story, anna: httpx.AsyncClient, element: str) -> None:
    story.timeline.begin()
    await call(anna, "POST", "/demo/cut", json={"element": element})
    story.timeline.line(f"✂  {element} is cut; the network begins to complain", "cut")


async def _understand(story: Story) -> str:
    """One incident, its cause, its tickets; returns its reference."""
    incident = str((await story.wait_for("incident.opened"))["subject"])
    await story.wait_for("ticket.opened", lambda e: e["payload"]["incident"] == incident)
    return incident


async def _respond(story: Story, anna: httpx.AsyncClient, lena: httpx.AsyncClient, incident: str) -> None:
    """The saga asks for a signature; an engineer asks what is down and says "notify them"; a second one signs."""
    detail = await call(anna, "GET", f"/incidents/{incident}")
    if not detail["subscribers"]:
        story.timeline.line(f"{incident}: nobody is cut off, {detail['at_risk']} are one fault away; no notices")
        return
    sent = _about(incident)
    if detail["subscribers"] <= 25:  # few enough that policy asks nobody; if not, the wait below says so
        await story.wait_for("notices.handed_over", sent)
        return
    await story.wait_for("action.awaiting_sign_off")
    await _let_it_storm(story, anna, incident)
    lines = await call(anna, "GET", f"/incidents/{incident}/lines", params={"limit": 1})
    zone = lines["lines"][0]["zone"]
    thread = (await call(anna, "POST", "/conversations", json={"channel": "console"}))["id"]
    await story.ask(anna, "noc:anna", thread, f"what is down in zone {zone} and who is affected?")
    await story.ask(anna, "noc:anna", thread, "notify them")
    request = await story.wait_for("action.awaiting_sign_off", lambda e: e["payload"]["by"] == "anna")
    story.timeline.line("noc_lead:lena looks at it and approves", "sign")
    begun = story.timeline.elapsed
    await call(lena, "POST", f"/approvals/{request['payload']['reference']}/approve", json={})
    await story.wait_for("notices.handed_over", sent)
    story.marks["approval to hand-over"] = story.timeline.elapsed - begun


async def _let_it_storm(story: Story, anna: httpx.AsyncClient, incident: str) -> None:
    """Let polls time out and accounting fall silent, as it does while people reach for their keyboards."""
    await asyncio.sleep(max(0.0, STORM_SECONDS - story.timeline.elapsed))
    detail = await call(anna, "GET", f"/incidents/{incident}")
    words = (
        f"{detail['alarms']} raw alarms → 1 incident: {detail['devices']} devices, {detail['subscribers']} subscribers"
        f" ({detail['vulnerable']} vulnerable, {detail['business']} business),"
        f" {detail['open_subscriber_tickets']} open tickets"
    )
    story.timeline.line(words, "incident")
    for reason in detail["explanation"]:
        story.timeline.line(f"   because: {reason}")


async def _answer_subscriber(story: Story, anna: httpx.AsyncClient, incident: str) -> None:
    """One of those cut off writes in, knowing nothing."""
    lines = await call(anna, "GET", f"/incidents/{incident}/lines", params={"limit": 1})
    if not lines["lines"]:
        return
    who = f"subscriber:{lines['lines'][0]['subscriber']}"
    async with story.person(who) as subscriber:
        thread = (await call(subscriber, "POST", "/conversations", json={"channel": "webchat"}))["id"]
        await story.ask(subscriber, who, thread, "hi my internet is not working")


async def _repair(story: Story, anna: httpx.AsyncClient, element: str, incident: str) -> None:
    """The splice is reported; alarms clear, lines prove stable, tickets close, people are told."""
    story.timeline.line(f"the crew reports the splice: {element} works again", "work")
    await call(anna, "POST", "/demo/repair", json={"element": element})
    about = _about(incident)
    await story.wait_for("incident.cleared", about)
    await story.wait_for("incident.resolved", about)
    detail = await call(anna, "GET", f"/incidents/{incident}")
    if detail["subscribers"]:
        await story.wait_for("notices.handed_over", lambda e: about(e) and e["payload"]["tool"] == "notify_restored")


async def _sum_up(story: Story, anna: httpx.AsyncClient, incident: str, console: Console) -> None:
    detail = await call(anna, "GET", f"/incidents/{incident}")
    table = Table(title=f"{incident}: {detail['title']}", box=None, show_header=False, title_justify="left")
    rows = {
        "cut → incident with cause and impact": story.marks.get("incident.opened"),
        "cut → tickets": story.marks.get("ticket.opened"),
        "cut → sign-off requested": story.marks.get("action.awaiting_sign_off"),
        "approved → all notices handed over": story.marks.get("approval to hand-over"),
        "cut → resolved": story.marks.get("incident.resolved"),
    }
    for name, seconds in rows.items():
        table.add_row(name, f"{seconds:.2f} s" if seconds is not None else "-")
    table.add_row("raw alarms", str(detail["alarms"]))
    table.add_row("devices, subscribers", f"{detail['devices']}, {detail['subscribers']}")
    console.print(table)
