"""Everything that can go wrong, and what the client sees.

    ServingError                       500
    ├── RequestError                        the client's mistake: the message is the response's body
    │   ├── MalformedBodyError         400   the body is not what its Content-Type says
    │   ├── RouteNotFoundError         404   no such path
    │   ├── MethodNotAllowedError      405   the path exists, the method does not
    │   ├── NotAcceptableError         406   no type in Accept can be written
    │   ├── BodyTooLargeError          413   more bytes than the limit
    │   └── UnsupportedMediaTypeError  415   no reader for this Content-Type
    ├── HandlerError                   500   a function of inference.py raised; traceback in the log
    ├── LoadFailedError                500   the model could not be loaded; traceback in the log
    ├── NotReadyError                  503   the model is still being loaded
    └── StartError                           no HTTP: reported in the log, /ping answers 500 or the program ends
        ├── ConfigError                      an environment variable or an argument
        ├── ContractError                    inference.py or train.py is missing or defines the wrong functions
        └── TrainingInputError               a file below input/config that training cannot use

    client -> server (404, 405, 413, 500, 503) -> codec (400, 406, 415) -> functions of inference.py (500) -> client

A function of inference.py may raise a RequestError itself, to refuse a request with its status and its own sentence.
"""


class ServingError(Exception):
    """The root: something the container reports with a sentence of its own."""

    status = 500


class RequestError(ServingError):
    """The client's mistake. The message is sent to the client as it is, so that it must name what to change."""

    status = 400


class MalformedBodyError(RequestError):
    """The body cannot be read as its Content-Type says; the message names the place."""


class RouteNotFoundError(RequestError):
    """The path is none of the container's."""

    status = 404


class MethodNotAllowedError(RequestError):
    """The path exists for other methods.

    Args:
        message: The sentence for the client.
        allowed: The methods that the path has, for the `Allow` header.
    """

    status = 405

    def __init__(self, message: str, *, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed


class NotAcceptableError(RequestError):
    """None of the types in the request's `Accept` header can be written."""

    status = 406


class BodyTooLargeError(RequestError):
    """The body has more bytes than the container accepts."""

    status = 413


class UnsupportedMediaTypeError(RequestError):
    """There is no reader for the request's `Content-Type`."""

    status = 415


class HandlerError(ServingError):
    """A function of the model's author raised, or returned what cannot be sent. The cause goes to the log."""


class LoadFailedError(ServingError):
    """Loading the model failed for good. What it was is in the log already."""


class NotReadyError(ServingError):
    """The model is not loaded (yet)."""

    status = 503


class StartError(ServingError):
    """The container cannot do what it was started for."""


class ConfigError(StartError):
    """An environment variable or a command-line argument has a value that cannot be used."""


class ContractError(StartError):
    """The user's program is missing, or does not define the functions it has to define."""


class TrainingInputError(StartError):
    """A file that SageMaker lays out for training cannot be used."""
