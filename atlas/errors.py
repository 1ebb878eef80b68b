"""The one base class of errors that are an answer, not an accident."""


class DomainError(Exception):
    """A rule of the house says no. The message is one sentence for a person: what is wrong, what to do.

    Whatever is not a DomainError is an accident of the machinery: it rolls back and may be tried again.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
