"""`accounts`: the first people of an installation, and the last who can let anybody in."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from redbag.cli.root import MakeApp, OperatorError, writing
from redbag.domain.permissions import ROLES_BY_KIND, Origin, Role


@click.group("accounts")
def group() -> None:
    """Make the first accounts; the administrator invites everybody else on the pages."""


@group.command("create")
@click.option("--email", required=True, help="The address that the person signs in with.")
@click.option("--name", required=True, help="The person's name.")
@click.option(
    "--role",
    type=click.Choice([role.value for roles in ROLES_BY_KIND.values() for role in roles]),
    default=Role.ADMINISTRATOR.value,
    show_default=True,
    help="What the person is there.",
)
@click.option(
    "--organisation",
    default="",
    help="Name or ODS code. Left out for an administrator: the operator's own, made when there is none.",
)
@click.option("--ask-passphrase", is_flag=True, help="Ask for a passphrase here instead of making a link.")
@click.pass_obj
def create(
    make_app: MakeApp, email: str, name: str, role: str, organisation: str, ask_passphrase: bool
) -> None:
    """Make an account, and print the one-time link by which its owner sets a passphrase.

    The link works once, for seven days. With --ask-passphrase the owner, sitting here, types the
    passphrase now; it is not shown.

    \b
    Examples:
      python -m redbag accounts create --email ada@example.org --name "Ada Quinn"
      python -m redbag accounts create --email joy@example.org --name "Joy Adeyemi" \\
          --role home_manager --organisation "Rowan House"
    """
    from redbag.services import accounts, organisations

    if not organisation and role != Role.ADMINISTRATOR.value:
        raise OperatorError(f"Say where the person is {role}: --organisation NAME or ODS code.")
    now = datetime.now(UTC)
    with writing(make_app) as app:
        settings = app.config["REDBAG"]
        place = (
            organisations.named(organisation)
            if organisation
            else organisations.operator(settings.operator_name, now)
        )
        invited = accounts.invite(None, email, name, accounts.RoleAt(place, Role(role)), now)
        if ask_passphrase:
            accounts.join(invited.token, _asked(), Origin(), now)
    if ask_passphrase:
        click.echo(f"{invited.name} can sign in at {settings.base_url}/sign-in")
        return
    click.echo(
        f"Account made. Give this link to {invited.name} and to nobody else; it works once, for 7 days:"
    )
    click.echo(f"{settings.base_url}/join/{invited.token}")


@group.command("reset-second-factor")
@click.argument("email")
@click.pass_obj
def reset_second_factor(make_app: MakeApp, email: str) -> None:
    """Take away the app, the passkeys, the recovery codes and the PIN of the person with this e-mail address.

    For the last administrator who has lost all of them; everybody else is helped on the pages. The person's
    sessions end, and they set up a new second factor at their next sign-in. Be sure who asks.

    \b
    Example:
      python -m redbag accounts reset-second-factor ada@example.org
    """
    from redbag.queries import accounts
    from redbag.services import factor_setting

    with writing(make_app):
        account = accounts.by_email(email)
        if account is None:
            raise OperatorError(f"Nobody signs in with {email}.")
        ended = factor_setting.reset(None, account.ref, datetime.now(UTC))
    click.echo(f"Taken away; {ended} sessions ended. At the next sign-in a new one is set up.")


def _asked() -> str:
    """The passphrase, typed twice and not shown."""
    answer: str = click.prompt(
        "Passphrase (15 characters or more)", hide_input=True, confirmation_prompt=True
    )
    return answer
