"""`sso`: sign-in services of organisations (single sign-on by OpenID Connect)."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from redbag.cli.root import MakeApp, OperatorError, reading, writing

_KEY = click.argument("key")
_PLACE = click.argument("organisation")


@click.group("sso")
def group() -> None:
    """Let an organisation's people sign in with the account that they have there (OpenID Connect).

    The service's secret is not kept in the database: give it to every process of this installation as
    REDBAG_SSO_SECRET_KEY, where KEY is the service's short name in capitals.
    """


@group.command("add")
@_KEY
@click.option("--name", required=True, help="What people call it; it stands on the button.")
@click.option("--issuer", required=True, help="The service's issuer, an https:// address.")
@click.option("--client-id", required=True, help="What the service calls this installation.")
@click.option("--domain", "domains", multiple=True, required=True, help="E-mail domain it may vouch for.")
@click.option("--organisation", "places", multiple=True, help="Name or ODS code; may be repeated.")
@click.option(
    "--second-factor-class",
    "classes",
    multiple=True,
    help="What it calls a sign-in with a second factor (acr), where that is a name of its own.",
)
@click.pass_obj
def add(
    make_app: MakeApp,
    key: str,
    name: str,
    issuer: str,
    client_id: str,
    domains: tuple[str, ...],
    places: tuple[str, ...],
    classes: tuple[str, ...],
) -> None:
    """Set a service up. KEY: its short name in small letters and digits.

    \b
    Example:
      python -m redbag sso add nhsmail --name NHSmail --issuer https://login.example.org/v2.0 \\
          --client-id 1f3c… --domain nhs.net --organisation RQX01
    """
    from redbag.config import Mode
    from redbag.services import sign_in_services

    with writing(make_app) as app:
        settings = app.config["REDBAG"]
        plain = settings.mode is not Mode.PRODUCTION
        now = datetime.now(UTC)
        sign_in_services.add(key, name, issuer, client_id, domains, places, classes, now, plain_http=plain)
    click.echo(f"Added. Its people come back to {settings.base_url}/sign-in/with/{key}/back")
    if key not in dict(settings.sign_in_secrets):
        click.echo(f"Its secret is not set yet: REDBAG_SSO_SECRET_{key.upper()}, then start Red Bag anew.")


@group.command("list")
@click.pass_obj
def list_services(make_app: MakeApp) -> None:
    """Say which services there are, whom they sign in, and what is missing.

    \b
    Example:
      python -m redbag sso list
    """
    from redbag.services import sign_in_services

    with reading(make_app) as app:
        secrets = dict(app.config["REDBAG"].sign_in_secrets)
        for one in sign_in_services.listed():
            click.echo(f"{one.key}: {one.name}, {one.issuer}, for {', '.join(one.domains)}")
            for place, insists in one.places:
                click.echo(f"  {place}{': by nothing else' if insists else ''}")
            if one.key not in secrets:
                click.echo(f"  its secret is missing: REDBAG_SSO_SECRET_{one.key.upper()}")


@group.command("check")
@_KEY
@click.pass_obj
def check(make_app: MakeApp, key: str) -> None:
    """Ask the service what it says of itself, as a sign-in would.

    \b
    Example:
      python -m redbag sso check acme
    """
    from redbag.config import Mode
    from redbag.queries import single_sign_on as queries
    from redbag.security import single_sign_on as mechanism

    with reading(make_app) as app:
        settings, service = app.config["REDBAG"], queries.service(key)
        secret = dict(settings.sign_in_secrets).get(key)
        if secret is None:
            raise OperatorError(f"Its secret is missing: REDBAG_SSO_SECRET_{key.upper()}.")
        client = mechanism.Client(
            service.issuer,
            service.client_id,
            secret,
            f"{settings.base_url}/sign-in/with/{key}/back",
            tuple(service.classes),
            settings.mode is not Mode.PRODUCTION,
        )
    try:
        mechanism.address_to_sign_in(client, mechanism.one_try(b"", key), anew=False)
    except (mechanism.ServiceAwayError, mechanism.ServiceWrongError) as problem:
        raise OperatorError(f"{service.name}: {problem}.") from None
    click.echo(f"{service.name} answers as it should. Whether it takes the secret, the first sign-in shows.")


@group.command("sign-in-at")
@_KEY
@_PLACE
@click.option("--insist", is_flag=True, help="By nothing else: passphrases of its people stop working.")
@click.pass_obj
def sign_in_at(make_app: MakeApp, key: str, organisation: str, insist: bool) -> None:
    """Let a service sign the people of an ORGANISATION (name or ODS code) in.

    With --insist their passphrases open nothing there any more, and who is signed in by one is signed out.
    Without it, passphrases work again. PINs on enrolled devices work as before either way.

    \b
    Example:
      python -m redbag sso sign-in-at acme "Rowan House" --insist
    """
    from redbag.services import sign_in_services

    with writing(make_app):
        outside = sign_in_services.sign_in_at(key, organisation, datetime.now(UTC), insists=insist)
    click.echo("Done.")
    if outside:
        click.echo(f"{outside} of its people have an e-mail address that the service does not vouch for.")


@group.command("leave")
@_KEY
@_PLACE
@click.pass_obj
def leave(make_app: MakeApp, key: str, organisation: str) -> None:
    """A service no longer signs the people of an ORGANISATION in; passphrases do.

    \b
    Example:
      python -m redbag sso leave acme "Rowan House"
    """
    from redbag.services import sign_in_services

    with writing(make_app):
        sign_in_services.leave(key, organisation, datetime.now(UTC))
    click.echo("Done.")


@group.command("end")
@_KEY
@click.confirmation_option(prompt="Everybody who is signed in by it is signed out. Go on?")
@click.pass_obj
def end(make_app: MakeApp, key: str) -> None:
    """Stop using a service for good.

    \b
    Example:
      python -m redbag sso end acme
    """
    from redbag.services import sign_in_services

    with writing(make_app):
        sign_in_services.end(key, datetime.now(UTC))
    click.echo("Ended. Its people need a passphrase: make each of them a new link on their page.")


@group.command("link")
@_KEY
@click.argument("email")
@click.argument("subject")
@click.pass_obj
def link(make_app: MakeApp, key: str, email: str, subject: str) -> None:
    """Say by hand whom the service means: SUBJECT is its name (sub) for the person with this EMAIL here.

    For services that do not say that they have verified e-mail addresses.

    \b
    Example:
      python -m redbag sso link acme joy@rowan.example 7f3a-subject
    """
    from redbag.services import sign_in_services

    with writing(make_app):
        sign_in_services.link(key, email, subject, datetime.now(UTC))
    click.echo("Linked.")


@group.command("unlink")
@_KEY
@click.argument("email")
@click.pass_obj
def unlink(make_app: MakeApp, key: str, email: str) -> None:
    """Forget whom the service means by the account with this EMAIL; the next verified sign-in links anew.

    \b
    Example:
      python -m redbag sso unlink acme joy@rowan.example
    """
    from redbag.services import sign_in_services

    with writing(make_app):
        sign_in_services.unlink(key, email, datetime.now(UTC))
    click.echo("Unlinked. Sessions by the service have ended.")


@group.command("let-passphrase-in")
@click.argument("email")
@click.option("--hours", type=int, default=12, show_default=True, help="0 takes it back.")
@click.pass_obj
def let_passphrase_in(make_app: MakeApp, email: str, hours: int) -> None:
    """Let one person in by passphrase for some hours, though their organisation insists on its service.

    For the night when the service is away and somebody must work. It is written in the audit log.

    \b
    Example:
      python -m redbag sso let-passphrase-in joy@rowan.example --hours 8
    """
    from redbag.services import sign_in_services

    with writing(make_app):
        until = sign_in_services.let_passphrase_in(email, hours, datetime.now(UTC))
    click.echo(f"Until {until:%d %b %Y, %H:%M} UTC." if until else "Taken back.")
