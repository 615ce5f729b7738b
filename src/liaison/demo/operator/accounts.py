"""How an account proves itself: a person's with its password, a machine's with its certificate, never the other way."""

from collections.abc import Iterable

from pysasl.creds.plain import PlainCredentials
from pysasl.identity import ClearIdentity

from liaison.demo.operator.config import Account, OperatorConfig

REFUSAL_DELAY = 0.3


def by_certificate(operator: OperatorConfig, addresses: Iterable[str]) -> Account | None:
    """The machine account named by one of the addresses that a verified certificate vouches for."""
    accounts = (operator.account(address) for address in addresses)
    return next((account for account in accounts if account and account.machine), None)


def by_password(operator: OperatorConfig, credentials: PlainCredentials) -> Account | None:
    """The person's account that these credentials open, compared in constant time."""
    account = operator.account(credentials.authcid)
    if account is None or account.machine or account.password is None:
        return None
    return account if credentials.verify(ClearIdentity(credentials.authcid, account.password)) else None
