class BackupFault(Exception):
    """A backup or a restore cannot be done; the text says why and what helps. Nothing was changed."""

    exit_code = 1


class Damaged(BackupFault):
    """The file is not, or not wholly, what was written."""

    exit_code = 3
