"""Every flow by its label, agent/intent, as the classifier names them."""

from agents.billing import flows as billing
from agents.common import flows as common
from agents.dispatcher import flows as dispatcher
from agents.llm.flow import Flow
from agents.noc import flows as noc
from agents.support import flows as support

FLOWS: dict[str, Flow] = {
    f"{agent}/{intent}": flow
    for agent, flows in {
        "common": common.FLOWS,
        "support": support.FLOWS,
        "billing": billing.FLOWS,
        "noc": noc.FLOWS,
        "dispatcher": dispatcher.FLOWS,
    }.items()
    for intent, flow in flows.items()
}
