"""The graph: router → agent → tools → the same agent … → answer.

Its checkpoints are written before the next node starts (`durability="sync"`), and a call's key comes from the
checkpointed message, so a run that is repeated after a crash finds the ledger's stored results. It never
interrupts: a call that waits for a signature has returned, and the ledger holds what waits.
"""

import functools
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, SystemMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from agents import history, prompts, toolbox, topic
from agents.llm import Models
from agents.llm.local import Scene
from agents.profile import Agent
from agents.roster import ROSTER, serving
from agents.router import choose_agent, transfer_schema, transfer_target
from agents.state import Context, State, Token, this_turn
from agents.toolbox import Proposes, Tools
from atlas.clock import Ids

MAX_ROUNDS = 8
HAND_OVER = "hand_over_to_person"
Graph = CompiledStateGraph[State, Context, State, State]

TIRED = "I did not get to the end of this: it took more steps than I may take for one message."
HANDED_OVER = " I have handed it to a colleague, who will answer you here."


def build_graph(
    models: Models, tools: Tools, executor: Proposes, checkpointer: BaseCheckpointSaver[Any], ids: Ids
) -> Graph:
    """The compiled graph. Run it with thread id = conversation id, a Context, and `durability="sync"`."""
    graph = StateGraph(State, context_schema=Context)
    graph.add_node("router", functools.partial(_route, models))
    graph.add_node("tools", functools.partial(_use_tools, tools, executor))
    graph.add_node("hand_over", functools.partial(_hand_over, tools, executor, ids))
    for agent in ROSTER.values():
        graph.add_node(agent.name, functools.partial(_speak, agent, models, tools, ids))
        graph.add_conditional_edges(agent.name, _after_agent, ["tools", "hand_over", END])
    graph.add_edge(START, "router")
    graph.add_conditional_edges("router", _agent_of, list(ROSTER))
    graph.add_conditional_edges("tools", _agent_of, list(ROSTER))
    graph.add_edge("hand_over", END)
    return graph.compile(checkpointer=checkpointer)


async def _route(models: Models, state: State, runtime: Runtime[Context]) -> State:
    """Choose the agent of this turn, and note what the thread was about when it began."""
    flow = state.get("flow", {})
    agent = choose_agent(models.nlu, state["messages"][-1], runtime.context.principal.role, state.get("agent"), flow)
    return {"agent": agent, "rounds": 0, "flow": {**flow, "before": flow.get("topic", {})}}


async def _speak(
    agent: Agent, models: Models, tools: Tools, ids: Ids, state: State, runtime: Runtime[Context]
) -> State:
    """Let the agent's model answer, or call tools."""
    context = runtime.context
    own = toolbox.offered(tools, agent, context.principal)
    scene = Scene(agent.name, context.principal.role, context.now, frozenset(own))
    others = [each for each in serving(context.principal.role) if each is not agent]
    said = await models.respond(
        local_messages=state["messages"],
        vendor_messages=_with_prompt(agent, state["messages"], context),
        schemas=[toolbox.schema(spec) for spec in own.values()],
        vendor_schemas=[transfer_schema(others)] if others else [],
        scene=scene,
        flow=state.get("flow", {}),
        hear=runtime.stream_writer,
    )
    context.models.append(said.model)
    return {
        "messages": [_own_ids(said.message, ids)],
        "flow": {**state.get("flow", {}), **said.flow},
        "rounds": state.get("rounds", 0) + 1,
    }


async def _use_tools(tools: Tools, executor: Proposes, state: State, runtime: Runtime[Context]) -> State:
    """Carry out the calls of the last message; a transfer to another agent is the graph's own affair."""
    message = state["messages"][-1]
    assert isinstance(message, AIMessage)
    context, agent = runtime.context, state["agent"]
    target, replies = transfer_target(message, context.principal.role)
    if target is not None:
        return {"messages": list[AnyMessage](replies), "agent": target}
    own = toolbox.offered(tools, ROSTER[agent], context.principal)
    results = await toolbox.carry_out(message, own, executor, context, runtime.stream_writer)
    flow = state.get("flow", {})
    subject = topic.remember(flow.get("topic", {}), toolbox.effective(message, results))
    return {"messages": list[AnyMessage](results), "flow": {**flow, "topic": subject}}


async def _hand_over(tools: Tools, executor: Proposes, ids: Ids, state: State, runtime: Runtime[Context]) -> State:
    """The turn has used up its rounds, so a person takes over. The calls that are still open are dropped."""
    context, last = runtime.context, state["messages"][-1]
    own = toolbox.offered(tools, ROSTER[state["agent"]], context.principal)
    handed_over = False
    if HAND_OVER in own:
        arguments = {"reason": "The assistant did not find an end."}
        call: Any = {"name": HAND_OVER, "args": arguments, "id": f"{last.id}:hand-over"}
        message = AIMessage("", id=f"{last.id}:hand-over", tool_calls=[call])
        replies = await toolbox.carry_out(message, own, executor, context, runtime.stream_writer)
        handed_over = toolbox.outcome_of(replies[0])["status"] == "done"
    text = TIRED + (HANDED_OVER if handed_over else "")
    runtime.stream_writer(Token(text))
    return {"messages": [AIMessage(text, id=str(ids()))]}


def _with_prompt(agent: Agent, messages: list[AnyMessage], context: Context) -> list[AnyMessage]:
    return [SystemMessage(prompts.render(agent, context.principal, context.now)), *history.view(messages)]


def _own_ids(message: AIMessage, ids: Ids) -> AIMessage:
    """Ids of ours: servers reuse theirs, and a reused message id would overwrite an earlier message."""
    name = str(ids())
    calls = [{**call, "id": f"{name}:{n}"} for n, call in enumerate(message.tool_calls)]
    unreadable = [{**call, "id": f"{name}:x{n}"} for n, call in enumerate(message.invalid_tool_calls)]
    return AIMessage(
        message.content,
        id=name,
        tool_calls=calls,
        invalid_tool_calls=unreadable,
        usage_metadata=message.usage_metadata,
    )


def _after_agent(state: State) -> str:
    last = state["messages"][-1]
    wants_tools = isinstance(last, AIMessage) and (last.tool_calls or last.invalid_tool_calls)
    if not wants_tools:
        return END
    return "tools" if state.get("rounds", 0) < MAX_ROUNDS else "hand_over"


def _agent_of(state: State) -> str:
    return state["agent"]


def answer_of(messages: list[AnyMessage]) -> AIMessage | None:
    """The answer of the last turn, when it has one."""
    turn = this_turn(messages)
    last = turn[-1] if turn else None
    if not isinstance(last, AIMessage) or last.tool_calls or last.invalid_tool_calls:
        return None
    return last
