"""Why the embedded PostgreSQL does not run, each told in one sentence that says what to do."""


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot run; the message is one sentence for the operator."""


class FolderTaken(EmbeddedPostgresError):
    """Another process runs a server in this folder."""


class FolderUnusable(EmbeddedPostgresError):
    """The folder cannot be written, or something else lives in it."""


class OtherMajor(EmbeddedPostgresError):
    """The data were made by another major version of PostgreSQL."""


class StartFailed(EmbeddedPostgresError):
    """PostgreSQL ended instead of starting."""
