"""Where the files of evidence are kept, as the environment says."""

from api.sandbox import claim_folder
from api.settings import CannotServe, Settings
from moderation.evidence.files import EvidenceFolder


def evidence_folder(settings: Settings) -> EvidenceFolder:
    """The folder of ``ZHIBO_EVIDENCE``, or ``evidence`` in the data folder. Made when it is first used."""
    path = settings.evidence
    if path is None:
        path = settings.data / "evidence"
    elif path.exists() and not path.is_dir():
        raise CannotServe(f"ZHIBO_EVIDENCE is no folder: {path}")
    return EvidenceFolder(
        path, limit_bytes=settings.evidence_limit_bytes, media_types=settings.evidence_types
    )


def ready_folder(settings: Settings) -> EvidenceFolder:
    """The same, where something is about to be put into it: the data folder is ours from then on.

    Raises :class:`CannotServe` when that is not possible.
    """
    folder = evidence_folder(settings)
    try:
        if settings.evidence is None:
            claim_folder(settings.data)
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotServe(f"evidence cannot be kept in {folder.path}: {error.strerror}") from None
    return folder
