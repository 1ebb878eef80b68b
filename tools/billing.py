"""A subscriber's own bill."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel
from sqlalchemy import select

from atlas.billing.models import Account, Invoice, InvoiceLine
from atlas.errors import DomainError
from policies.spec import Risk, ToolContext, tool


class BillLine(BaseModel):
    """One reason for money."""

    description: str
    amount: Decimal


class MyBill(BaseModel):
    """The latest invoice, line by line."""

    number: str
    state: str
    issued_on: date
    due_on: date
    total: Decimal
    currency: str
    lines: list[BillLine]


@tool(risk=Risk.READ, audience={"subscriber"})
async def my_bill(ctx: ToolContext) -> MyBill:
    """Show this subscriber's latest invoice with its lines."""
    query = (
        select(Invoice)
        .join(Account, Account.id == Invoice.account_id)
        .where(Account.subscriber_id == ctx.subscriber_id, Invoice.state != "draft")
        .order_by(Invoice.issued_on.desc())
        .limit(1)
    )
    invoice = (await ctx.session.scalars(query)).first()
    if invoice is None:
        raise DomainError("There is no invoice yet.")
    lines = await ctx.session.scalars(
        select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id).order_by(InvoiceLine.id).limit(50)
    )
    return MyBill(
        number=invoice.number,
        state=invoice.state,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        total=invoice.total,
        currency=invoice.currency,
        lines=[BillLine(description=line.description, amount=line.amount) for line in lines],
    )
