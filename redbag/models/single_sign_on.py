"""Sign-in services of organisations (OpenID Connect), and whose account each of their identities is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from redbag.database import Base, UtcInstant
from redbag.models.accounts import Account
from redbag.models.organisations import Organisation


class SignInService(Base):
    """One sign-in service. `key`: its short name in addresses and in the name of the variable that holds its
    secret, which is not kept here. `domains`: of the e-mail addresses that it may vouch for. `classes`: what
    it calls a sign-in with a second factor (acr), beside the names that everybody uses.
    """

    __tablename__ = "sign_in_services"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    issuer: Mapped[str] = mapped_column(String(300), unique=True)
    client_id: Mapped[str] = mapped_column(String(200))
    domains: Mapped[list[str]] = mapped_column(JSON(none_as_null=True))
    classes: Mapped[list[str]] = mapped_column(JSON(none_as_null=True))
    added_at: Mapped[datetime] = mapped_column(UtcInstant)
    ended_at: Mapped[datetime | None] = mapped_column(UtcInstant)

    places: Mapped[list[SignInPlace]] = relationship(back_populates="service", order_by="SignInPlace.id")


class SignInPlace(Base):
    """An organisation whose people a service signs in. `insists`: not by their passphrase any more."""

    __tablename__ = "sign_in_places"

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("sign_in_services.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    insists: Mapped[bool] = mapped_column(default=False)

    service: Mapped[SignInService] = relationship(back_populates="places")
    organisation: Mapped[Organisation] = relationship()

    __table_args__ = (UniqueConstraint("service_id", "organisation_id"),)


class LinkedIdentity(Base):
    """Somebody whom a service knows (its issuer's name for them), and their account here."""

    __tablename__ = "linked_identities"

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("sign_in_services.id"))
    subject: Mapped[str] = mapped_column(String(255))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    linked_at: Mapped[datetime] = mapped_column(UtcInstant)
    used_at: Mapped[datetime | None] = mapped_column(UtcInstant)

    service: Mapped[SignInService] = relationship()
    account: Mapped[Account] = relationship()

    __table_args__ = (
        UniqueConstraint("service_id", "subject"),
        UniqueConstraint("service_id", "account_id"),
    )


class SpentSignIn(Base):
    """A sign-in that somebody came back from: its state opens nothing a second time. Kept as a hash."""

    __tablename__ = "spent_sign_ins"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcInstant, index=True)
