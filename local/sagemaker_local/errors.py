"""What goes wrong, as a sentence for the person at the keyboard."""

from __future__ import annotations


class LocalError(Exception):
    """Something that the user can mend; its text says what and how.

    ```
    LocalError
    ├── CommandError      the CDK's CLI failed
    └── ContainerError    a container did not become healthy
    ```
    """


class CommandError(LocalError):
    """The CDK's CLI failed.

    Attributes:
        output: All that it printed.
    """

    def __init__(self, message: str, output: str) -> None:
        super().__init__(message)
        self.output = output


class ContainerError(LocalError):
    """A container did not become healthy.

    Attributes:
        log: All that it printed.
    """

    def __init__(self, message: str, log: str) -> None:
        super().__init__(message)
        self.log = log
