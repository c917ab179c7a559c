"""Everything that can go wrong, and what the client sees.

    ServingError                       500
    ├── RequestError                        the client's mistake: the message is the response's body
    │   ├── MalformedBodyError         400   the body is not what its Content-Type says
    │   ├── MalformedRequestError      400   no valid HTTP, or HTTP that two readers may understand differently
    │   ├── InvalidModelError          400   no name or no directory that a model can be loaded from
    │   ├── InvalidSessionError        400   session id and body contradict each other
    │   ├── RouteNotFoundError         404   no such path
    │   ├── ModelNotLoadedError        404   no such model in a multi-model endpoint
    │   ├── SessionNotFoundError       404   no such session, or it has ended
    │   ├── MethodNotAllowedError      405   the path exists, the method does not
    │   ├── NotAcceptableError         406   no type in Accept can be written
    │   ├── RequestTimeoutError        408   the client takes too long to send its request
    │   ├── ModelLoadedError           409   a model of that name is loaded already
    │   ├── BodyTooLargeError          413   more bytes than the limit
    │   ├── UnsupportedMediaTypeError  415   no reader for this Content-Type
    │   ├── UpgradeRequiredError       426   the path speaks WebSocket only
    │   ├── HeadTooLargeError          431   more bytes of headers than the limit
    │   └── VersionNotSupportedError   505   not HTTP/1.1 and not HTTP/1.0
    ├── HandlerError                   500   a function of inference.py raised; traceback in the log
    ├── LoadFailedError                500   the model could not be loaded; traceback in the log
    ├── WorkerDiedError                500   the worker died while it answered; the log says how
    ├── BusyError                      503   the model is being loaded, or too many requests wait: Retry-After
    ├── NoMemoryError                  507   a model of a multi-model endpoint does not fit into memory
    ├── PredictionTimeoutError         504   the prediction took too long; its worker was ended
    └── StartError                           no HTTP: reported in the log, /ping answers 500 or the program ends
        ├── ConfigError                      an environment variable or an argument
        ├── ContractError                    inference.py or train.py is missing or defines the wrong functions
        ├── RequirementsError                code/requirements.txt cannot be installed
        └── TrainingInputError               a file below input/config that training cannot use

    client -> connection (400, 408, 413, 431, 505) -> server (404, 405)
           -> model_routes (400, 404, 409, 507), sessions (400, 404), pool (426, 500, 503, 504)
           -> worker: codec (400, 406, 415) -> functions of inference.py (500) -> client

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


class MalformedRequestError(RequestError):
    """The request is no valid HTTP, or one that two readers may understand differently."""


class RequestTimeoutError(RequestError):
    """The client takes too long to send its request."""

    status = 408


class HeadTooLargeError(RequestError):
    """The request's line and headers have more bytes than the container reads."""

    status = 431


class VersionNotSupportedError(RequestError):
    """The request is neither HTTP/1.1 nor HTTP/1.0."""

    status = 505


class RouteNotFoundError(RequestError):
    """The path is none of the container's."""

    status = 404


class InvalidModelError(RequestError):
    """The request names nothing that a model can be loaded from."""


class ModelNotLoadedError(RequestError):
    """There is no model of that name, or it is being loaded."""

    status = 404


class ModelLoadedError(RequestError):
    """A model of that name is loaded already, or being loaded."""

    status = 409


class InvalidSessionError(RequestError):
    """What the request asks about a session contradicts its session id."""


class SessionNotFoundError(RequestError):
    """The session was never opened, or has ended."""

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


class UpgradeRequiredError(RequestError):
    """The path speaks WebSocket, and the request does not ask for it."""

    status = 426


class HandlerError(ServingError):
    """A function of the model's author raised, or returned what cannot be sent. The cause goes to the log."""


class LoadFailedError(ServingError):
    """Loading the model failed for good. What it was is in the log already."""


class WorkerDiedError(ServingError):
    """The worker died while it answered the request. How it ended is in the log."""


class BusyError(ServingError):
    """The model is not loaded yet, or more requests wait than may; the client should try again."""

    status = 503


class PredictionTimeoutError(ServingError):
    """The prediction took longer than the limit, and its worker was ended."""

    status = 504


class NoMemoryError(ServingError):
    """A model needs more memory than there is: SageMaker unloads others and tries again."""

    status = 507


class StartError(ServingError):
    """The container cannot do what it was started for."""


class ConfigError(StartError):
    """An environment variable or a command-line argument has a value that cannot be used."""


class ContractError(StartError):
    """The user's program is missing, or does not define the functions it has to define."""


class RequirementsError(StartError):
    """What `requirements.txt` names cannot be installed; the message ends with what pip says."""


class TrainingInputError(StartError):
    """A file that SageMaker lays out for training cannot be used."""
