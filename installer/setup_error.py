"""The one error of the set-up that people see."""


class SetupError(Exception):
    """The set-up cannot go on; the text says what was found and what to do."""
