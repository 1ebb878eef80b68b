"""Accounts, invoices with their lines, and payments. Money is exact and carries its currency."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Currency, Key, Money


class Account(Base):
    """Who pays for a subscriber's services, and when."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("bill_day BETWEEN 1 AND 28", name="bill_day"),)

    id: Mapped[Key]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"), unique=True)
    currency: Mapped[Currency]
    bill_day: Mapped[int]


class Invoice(Base):
    """A bill. Once issued its lines never change; a mistake is mended by a credit line on a later one."""

    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint("state IN ('draft','issued','paid','overdue')", name="state"),
        Index(None, "account_id", "issued_on"),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    total: Mapped[Money]
    currency: Mapped[Currency]


class InvoiceLine(Base):
    """One reason for money on an invoice; a credit is negative."""

    __tablename__ = "invoice_line"

    id: Mapped[Key]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"))
    kind: Mapped[str] = mapped_column(comment="recurring | usage | one_off | credit | tax")
    description: Mapped[str]
    amount: Mapped[Money]


class Credit(Base):
    """Money given back on an invoice, with its reason; it appears on the next bill."""

    __tablename__ = "credit"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    amount: Mapped[Money]
    currency: Mapped[Currency]
    reason: Mapped[str]
    created_at: Mapped[datetime]


class Payment(Base):
    """Money received. `reference` is the payer's bank's or gateway's own id, taken once."""

    __tablename__ = "payment"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"))
    amount: Mapped[Money]
    currency: Mapped[Currency]
    reference: Mapped[str] = mapped_column(unique=True)
    received_at: Mapped[datetime]
