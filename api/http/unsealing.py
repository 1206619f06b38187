"""What stands sealed, opened for those who may see it."""

from api.http.problems import Problem
from ledger.sealing import CannotUnseal, SealedValue, SealingKeys


def opened(keys: SealingKeys, value: SealedValue) -> str:
    """A value in the clear. Raises the :class:`Problem` ``sealing_keys_missing``."""
    try:
        return keys.unseal(value)
    except CannotUnseal as reason:
        raise Problem("sealing_keys_missing", str(reason)) from None
