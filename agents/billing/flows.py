"""What subscribers ask about money, step by step. Every amount said here comes from a tool's result."""

from agents.llm.flow import Ask, Dialogue, Flow, Reply, Steps, use


def my_bill(_: Dialogue) -> Steps:
    """The latest invoice, line by line."""
    found = yield from use("my_bill")
    if not found.ok:
        return Reply(found.text)
    lines = [f"• {line['description']}: {line['amount']} {found['currency']}" for line in found["lines"]]
    said = (
        f"Your latest invoice is {found['number']} of {found['issued_on']}: {found['total']} {found['currency']}, "
        f"{found['state']}, due on {found['due_on']}."
    )
    return Reply("\n".join([said, *lines]))


def credit(d: Dialogue) -> Reply:
    """Credits are a person's decision here."""
    ask = Ask("common/person", "yes_no", {"reason": f"Asks for a credit: {d.text[:200]}"})
    return Reply("I can't decide on credits. Shall I hand you over to a colleague who can?", ask)


FLOWS: dict[str, Flow] = {"my_bill": my_bill, "credit": credit}
