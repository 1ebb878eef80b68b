"""Declaring a tool: name, words and schema come from the function, and what is missing is an error at once."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, ValidationError

from policies.spec import Locality, Principal, Risk, ToolContext, tool

Name = Annotated[str, Field(description="Whom to greet.", max_length=20)]


class Greeting(BaseModel):
    words: str


@tool(risk=Risk.NOTE, audience={"noc"})
async def greet(ctx: ToolContext, name: Name, times: Annotated[int, Field(description="How often.")] = 1) -> Greeting:
    """Greet somebody."""
    return Greeting(words=name * times)


def test_the_declaration_is_the_function() -> None:
    assert (greet.name, greet.description) == ("greet", "Greet somebody.")
    schema = greet.arguments.model_json_schema()
    assert schema["required"] == ["name"]
    assert schema["additionalProperties"] is False
    assert "ctx" not in schema["properties"]


def test_arguments_are_checked() -> None:
    assert greet.parse({"name": "Ann"}) == {"name": "Ann", "times": 1}
    for wrong in ({}, {"name": "Ann", "subscriber": 2}, {"name": "x" * 21}):
        with pytest.raises(ValidationError):
            greet.parse(wrong)


def test_results_are_checked_and_are_objects() -> None:
    assert greet.dump(Greeting(words="hi")) == {"words": "hi"}
    with pytest.raises(ValidationError):
        greet.dump({"word": "hi"})


def test_the_version_follows_the_schema_and_nothing_else() -> None:
    def declare(description: str, words: str) -> str:
        async def greet(ctx: ToolContext, name: Any) -> Greeting:
            return Greeting(words=name)

        greet.__annotations__["name"] = Annotated[str, Field(description=description)]
        greet.__doc__ = words
        return tool(risk=Risk.NOTE, audience={"noc"})(greet).schema_version

    assert declare("Whom.", "Greet.") == declare("Whom.", "Say hello.")
    assert declare("Whom.", "Greet.") != declare("Whom to greet.", "Greet.")


async def wordless(ctx: ToolContext) -> int:
    return 0


async def contextless(name: Name) -> int:
    """Words."""
    return 0


async def undescribed(ctx: ToolContext, name: str) -> int:
    """Words."""
    return 0


async def untyped(ctx: ToolContext, name) -> int:  # type: ignore[no-untyped-def]
    """Words."""
    return 0


async def voiceless(ctx: ToolContext, name: Name):  # type: ignore[no-untyped-def]
    """Words."""


async def impersonating(ctx: ToolContext, subscriber_id: Annotated[int, Field(description="Whose.")]) -> int:
    """Words."""
    return 0


async def sprawling(ctx: ToolContext, *names: Name) -> int:
    """Words."""
    return 0


def synchronous(ctx: ToolContext) -> int:
    """Words."""
    return 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (wordless, "docstring"),
        (contextless, "`ctx`"),
        (undescribed, "describe name"),
        (untyped, "has no type"),
        (voiceless, "what the tool returns"),
        (impersonating, "from the caller"),
        (sprawling, "plain named parameter"),
        (synchronous, "async"),
    ],
)
def test_a_half_declared_tool_is_refused(body: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        tool(risk=Risk.NOTE, audience={"noc"})(body)


async def lock(ctx: ToolContext) -> None: ...


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"audience": {"nok"}}, "audience"),
        ({"audience": set()}, "audience"),
        ({"locality": Locality.OUTSIDE}, "workflow"),
        ({"workflow": "walk"}, "workflow"),
        ({"risk": Risk.READ, "lock": lock}, "READ"),
    ],
)
def test_a_contradiction_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        tool(**{"risk": Risk.NOTE, "audience": {"noc"}, **options})(greet.body)


@pytest.mark.parametrize(
    "wrong",
    [
        ("subscriber", "4711", "noc", 1),
        ("subscriber", "4711", "subscriber", None),
        ("staff", "alice", "subscriber", None),
        ("staff", "alice", "noc", 1),
        ("staff", "alice", "forge", None),
        ("forge", "forge", "admin", None),
    ],
)
def test_a_caller_cannot_be_two_kinds_of_person(wrong: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match=r"role|subscriber_id"):
        Principal(*wrong)
