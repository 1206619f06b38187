"""The channels of this environment that answer. The bank's files are carried by people."""

from api.settings import Settings
from settlement.payouts.channels import Channel
from settlement.payouts.channels.sandbox import SandboxChannel


def channels(settings: Settings) -> tuple[Channel, ...]:
    """The sandbox's channel in the sandbox, which keeps what it is told in the data folder; else none yet."""
    return (SandboxChannel(settings.data / "sandbox-channel"),) if settings.sandbox else ()
