"""Where things are. Geometry is GeoJSON in WGS 84: the embedded server has no PostGIS.

A *fibre* is a cable as the crew knows it; it lies in *ducts*, and several fibres may share one. What
shares a duct fails with it, so a duct is a shared risk even where the links above look redundant.
"""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Key, Name


class Zone(Base):
    """An area the operator runs and reports by."""

    __tablename__ = "zone"

    id: Mapped[Key]
    number: Mapped[int] = mapped_column(unique=True)
    name: Mapped[Name]
    lon: Mapped[float]
    lat: Mapped[float]


class Address(Base):
    """A place a line can end at."""

    __tablename__ = "address"
    __table_args__ = (Index(None, "postcode", "street"),)

    id: Mapped[Key]
    zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"), index=True)
    street: Mapped[Name]
    house_number: Mapped[str]
    unit: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str]
    city: Mapped[Name]
    lon: Mapped[float]
    lat: Mapped[float]


class Site(Base):
    """A building, cabinet or mast of the operator's with one mains supply and one battery behind it."""

    __tablename__ = "site"

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"), index=True)
    place: Mapped[Name] = mapped_column(comment="Where it is, in words a crew understands.")
    battery_hours: Mapped[float | None] = mapped_column(
        comment="How long its battery was built to last; 0: none is there; null: nobody has written it down."
    )
    battery_installed_on: Mapped[date | None]
    lon: Mapped[float]
    lat: Mapped[float]


class Duct(Base):
    """A stretch of trench or pipe between two places; what lies in it is cut together."""

    __tablename__ = "duct"

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"), index=True)
    a_place: Mapped[Name] = mapped_column(comment="Where it starts, in words a crew understands.")
    z_place: Mapped[Name]
    length_m: Mapped[int]
    route: Mapped[list[Any]] = mapped_column(comment="GeoJSON LineString coordinates.")


class Fibre(Base):
    """A cable that links ride on."""

    __tablename__ = "fibre"

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"), index=True)
    role: Mapped[str] = mapped_column(comment="core | ring | backhaul | feeder | distribution")
    strands: Mapped[int] = mapped_column(default=24)


class FibreSection(Base):
    """The part of a fibre that lies in one duct, in order along the fibre."""

    __tablename__ = "fibre_section"

    fibre_id: Mapped[int] = mapped_column(ForeignKey("fibre.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    duct_id: Mapped[int] = mapped_column(ForeignKey("duct.id"), index=True)
