"""What a tool is: its declaration, who calls it, and what its functions are handed.

`tool` turns a typed, documented function into a ToolSpec, or refuses: a tool without words for the model is
an error when its module is imported, not when somebody calls it.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import Clock, Ids
from atlas.errors import DomainError
from atlas.settings import Settings
from policies.signature import arguments_model, description_of, return_type, version_of

ROLES = frozenset({"subscriber", "support", "noc", "noc_lead", "admin", "forge"})
STAFF = ROLES - {"subscriber", "forge"}


class Risk(StrEnum):
    """What a call can do to the world, mildest first. The off switch goes by it."""

    READ = "read"
    NOTE = "note"
    NOTIFY = "notify"
    FIELD = "field"
    NETWORK = "network"
    MONEY = "money"


class Locality(StrEnum):
    """Whether the effect is all in our database, or a workflow must go out to a vendor or a device."""

    LOCAL = "local"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Principal:
    """On whose behalf a call is made. `id` is a subscriber number, a staff user name, or `forge`."""

    kind: Literal["subscriber", "staff", "forge"]
    id: str
    role: str
    subscriber_id: int | None = None
    verified: str = "none"

    def __post_init__(self) -> None:
        """ValueError for a role its kind of caller can't have, or a subscriber who is nobody."""
        roles = STAFF if self.kind == "staff" else {self.kind}
        if self.role not in roles:
            raise ValueError(f"{self.kind} {self.id!r} cannot have the role {self.role!r}")
        if (self.kind == "subscriber") != (self.subscriber_id is not None):
            raise ValueError(f"{self.kind} {self.id!r}: a subscriber, and nobody else, has a subscriber_id")


FORGE = Principal("forge", "forge", "forge")


class Drivers(Protocol):
    """The doors to devices that a tool may use; forge builds them."""

    @property
    def snmp(self) -> Any:
        """Polls devices over SNMP."""
        ...


@dataclass(slots=True)
class ToolContext:
    """What every function of a tool gets first. Hidden from the model.

    `targets` are the ids of the subscribers a set-targeting action may still touch. `session` is under the
    subscriber's row-level wall in the body of a subscriber's call, and only there.
    """

    principal: Principal
    session: AsyncSession
    clock: Clock
    ids: Ids
    settings: Settings
    drivers: Drivers | None = None
    conversation_id: UUID | None = None
    action_id: UUID | None = None
    targets: tuple[int, ...] = ()

    @property
    def subscriber_id(self) -> int:
        """The calling subscriber's row id. DomainError when the caller is not a subscriber."""
        if self.principal.subscriber_id is None:
            raise DomainError("This is about a subscriber's own line; ask as that subscriber.")
        return self.principal.subscriber_id


# All are called as `function(ctx, **arguments)`, the arguments validated, except a summary.
Body = Callable[..., Awaitable[Any]]
#: The facts the rules decide on: a model without optional fields, of int, bool, str, Decimal, frozenset[str].
FactsFn = Callable[..., Awaitable[BaseModel]]
#: Ids of the subscribers the call would touch now. Runs before the facts, which find it in `ctx.targets`.
TargetsFn = Callable[..., Awaitable[Collection[int]]]
#: Locks the row a limit counts against (`with_for_update`), before the facts are read again.
LockFn = Callable[..., Awaitable[None]]
#: `function(facts, **arguments)`: what a person signs, in one sentence. Facts are None for a tool without.
SummaryFn = Callable[..., str]


@dataclass(frozen=True)
class ToolSpec:
    """One declared tool. `audience`: the roles it may be offered to; the rules still decide each call."""

    name: str
    description: str
    risk: Risk
    locality: Locality
    audience: frozenset[str]
    arguments: type[BaseModel]
    returns: Any
    facts: FactsFn | None
    targets: TargetsFn | None
    lock: LockFn | None
    summarise: SummaryFn | None
    workflow: str | None
    body: Body
    schema_version: str

    def parse(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Keyword arguments for the tool's functions. pydantic.ValidationError when they don't fit."""
        model = self.arguments.model_validate(arguments)
        return {name: getattr(model, name) for name in type(model).model_fields}

    def dump(self, result: Any) -> dict[str, Any]:
        """A body's result as JSON, checked against its return type; a non-object becomes `{"result": …}`."""
        adapter: TypeAdapter[Any] = TypeAdapter(self.returns)
        value = adapter.dump_python(adapter.validate_python(result), mode="json")
        return value if isinstance(value, dict) else {"result": value}


def tool(
    *,
    risk: Risk,
    audience: Collection[str],
    locality: Locality = Locality.LOCAL,
    facts: FactsFn | None = None,
    targets: TargetsFn | None = None,
    lock: LockFn | None = None,
    summarise: SummaryFn | None = None,
    workflow: str | None = None,
) -> Callable[[Body], ToolSpec]:
    """Declare an async function `(ctx: ToolContext, …)` as a tool: its name, docstring and signature are the
    tool's name, description and schema. TypeError when words or types are missing or contradict each other.
    """

    def declare(body: Body) -> ToolSpec:
        name = body.__name__
        arguments = arguments_model(body)
        spec = ToolSpec(
            name=name,
            description=description_of(body),
            risk=risk,
            locality=locality,
            audience=frozenset(audience),
            arguments=arguments,
            returns=return_type(body),
            facts=facts,
            targets=targets,
            lock=lock,
            summarise=summarise,
            workflow=workflow,
            body=body,
            schema_version=version_of(arguments),
        )
        _check(spec)
        return spec

    return declare


def _check(spec: ToolSpec) -> None:
    """Refuse a declaration that contradicts itself."""
    unknown = spec.audience - ROLES
    if unknown or not spec.audience:
        raise TypeError(f"{spec.name}: audience must be some of {sorted(ROLES)}, not {sorted(spec.audience)}")
    leaves = spec.locality is Locality.OUTSIDE and spec.risk is not Risk.READ
    if leaves != (spec.workflow is not None):
        raise TypeError(f"{spec.name}: an effect outside, and nothing else, names the workflow that makes it")
    if spec.risk is Risk.READ and (spec.targets or spec.lock):
        raise TypeError(f"{spec.name}: a READ tool has no effect, so it locks nothing and targets nobody")
