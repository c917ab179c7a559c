import ast
import warnings
from dataclasses import dataclass

# Parameters of each function that a container may look for in code/inference.py, without the optional trailing
# ``context``. https://github.com/aws/sagemaker-inference-toolkit and
# https://github.com/aws/sagemaker-tensorflow-serving-container#prepost-processing
PARAMETERS = {
    "model_fn": ("model_dir",),
    "input_fn": ("body", "content_type"),
    "predict_fn": ("data", "model"),
    "output_fn": ("prediction", "accept"),
    "transform_fn": ("model", "body", "content_type", "accept"),
    "stream_fn": ("model", "parts"),
    "neo_preprocess": ("payload", "content_type"),
    "neo_postprocess": ("result",),
    "input_handler": ("data", "context"),
    "output_handler": ("response", "context"),
    "handler": ("data", "context"),
}

CONTRACTS = {
    "input_fn, predict_fn and output_fn": ("input_fn", "predict_fn", "output_fn"),
    "transform_fn": ("transform_fn",),
    "neo_preprocess and neo_postprocess": ("neo_preprocess", "neo_postprocess"),
    # A handler beside the pair is no contradiction: the container then ignores the pair.
    "input_handler and output_handler, or handler": ("input_handler", "output_handler", "handler"),
}


CLASS = "Model"


@dataclass(frozen=True, slots=True)
class HandlerModule:
    """What a container finds when it imports code/inference.py.

    Attributes:
        error: Why it cannot be imported, or ``None``.
        open: Whether it may define more than can be seen, as with ``from x import *``.
        functions: Names it binds; a function definition where there is one.
        has_class: Whether it defines the class that the project's own container takes instead of functions.
    """

    error: str | None
    open: bool
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef | None]
    has_class: bool = False

    @property
    def contracts(self) -> list[str]:
        """The contracts of which at least one function is defined."""
        return [name for name, functions in CONTRACTS.items() if any(one in self.functions for one in functions)]


def read_handler(source: bytes) -> HandlerModule:
    """Looks at a handler module without importing it; never raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except SyntaxError as error:
        return HandlerModule(f"line {error.lineno}: {error.msg}", open=False, functions={})
    except (ValueError, RecursionError, MemoryError):
        return HandlerModule("it is not Python source text", open=False, functions={})
    found: dict[str, ast.FunctionDef | ast.AsyncFunctionDef | None] = {}
    star, has_class = False, False
    pending: list[ast.stmt] = list(tree.body)
    while pending:
        statement = pending.pop(0)
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            found[statement.name] = statement
        elif isinstance(statement, ast.ClassDef):
            has_class = has_class or statement.name == CLASS
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            star = star or any(alias.name == "*" for alias in statement.names)
            found |= dict.fromkeys((alias.asname or alias.name for alias in statement.names), None)
        elif isinstance(statement, ast.Assign):
            names = {target.id for target in statement.targets if isinstance(target, ast.Name)}
            if isinstance(statement.value, ast.Call):  # what is no function: handler = logging.StreamHandler()
                star = star or "handler" in names
                names -= {"handler"}
            found |= dict.fromkeys(names, None)
        elif isinstance(statement, ast.If | ast.Try | ast.With):
            pending.extend(child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.stmt))
            star = star or isinstance(statement, ast.Try)
    return HandlerModule(None, star, found, has_class)


def accepts(function: ast.FunctionDef | ast.AsyncFunctionDef, count: int) -> bool:
    """Whether a function can be called with a number of positional arguments."""
    arguments = function.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    needs_keyword = any(default is None for default in arguments.kw_defaults)
    return required <= count <= (positional if arguments.vararg is None else count) and not needs_keyword
