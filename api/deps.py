"""What routes ask for by type: the house, a session, the caller. The one commit of a request is here."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import FEED_ROLE, STAFF_ROLES, Claims, TokenError, read_token
from api.errors import Problem
from api.house import House
from atlas.crm.models import Subscriber
from atlas.db import Sessions, transaction
from policies.spec import Principal

bearer = HTTPBearer(auto_error=False, description="`Authorization: Bearer <token>`; the token carries a role.")


def get_house(request: Request) -> House:
    """The application's parts."""
    house = request.app.state.house
    assert isinstance(house, House)
    return house


InHouse = Annotated[House, Depends(get_house)]


async def get_session(house: InHouse) -> AsyncIterator[AsyncSession]:
    """A session in one transaction: committed when the route returns, rolled back when it raises."""
    async with transaction(house.store.sessions) as session:
        yield session


# `function`: committed before the answer is sent, so that nobody is told of what was then not kept.
Session = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def get_claims(house: InHouse, token: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Claims:
    """What the request's token says. Problem 401 without a token that holds."""
    if token is None:
        raise Problem.unauthenticated("This needs a token: send `Authorization: Bearer <token>`.")
    try:
        return read_token(house.key, token.credentials, demo_mode=house.settings.demo)
    except TokenError as error:
        raise Problem.unauthenticated(str(error)) from error


async def get_principal(house: InHouse, claims: Annotated[Claims, Depends(get_claims)]) -> Principal:
    """Whom the request's token stands for. Problem 401 without a token that holds."""
    if claims.role == "subscriber":
        return await _subscriber(house.store.sessions, claims)
    if claims.role not in STAFF_ROLES:
        raise Problem.unauthenticated("The token names a role that this server does not know.")
    return Principal("staff", claims.id, claims.role, verified="token")


async def _subscriber(sessions: Sessions, claims: Claims) -> Principal:
    """A session of its own, ended at once: an answer may be streamed for long after."""
    async with sessions() as session:
        id = await session.scalar(select(Subscriber.id).where(Subscriber.number == claims.id))
    if id is None:
        raise Problem.unauthenticated(f"There is no subscriber {claims.id}.")
    return Principal("subscriber", claims.id, claims.role, subscriber_id=id, verified="token")


Caller = Annotated[Principal, Depends(get_principal)]


def _require(*roles: str) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency that lets only these roles pass. Problem 403 for the others."""

    async def check(caller: Caller) -> Principal:
        if caller.role not in roles:
            words = " or ".join(roles)
            raise Problem(403, f"This is for the role {words}; your token has the role {caller.role}.")
        return caller

    return check


#: Anyone who works here.
Staff = Annotated[Principal, Depends(_require(*STAFF_ROLES))]
#: Those who run the network.
Noc = Annotated[Principal, Depends(_require("noc", "noc_lead", "admin"))]
#: Those who may let effects run again.
Lead = Annotated[Principal, Depends(_require("noc_lead", "admin"))]


async def _get_sender(claims: Annotated[Claims, Depends(get_claims)]) -> str:
    """Who feeds us: a machine's token, which opens no other door, or one of those who run the network."""
    if claims.role not in (FEED_ROLE, "noc", "noc_lead", "admin"):
        raise Problem(403, f"This is for the role {FEED_ROLE}; your token has the role {claims.role}.")
    return claims.id


#: A machine that sends alarms.
Sender = Annotated[str, Depends(_get_sender)]


async def _demo_only(house: InHouse) -> None:
    if not house.settings.demo:
        raise Problem.not_found("demo on this server; start it with BEDROCK_DEMO=1")


#: Doors that only a demo has.
InDemo = Annotated[None, Depends(_demo_only)]
