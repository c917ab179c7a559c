"""Two functions around the runtime of models that SageMaker Neo compiled (DLR).

    neo_preprocess(payload, content_type)   the body's bytes as an array, or a mapping of input names to arrays
    neo_postprocess(result)                 the runtime's outputs, a list of arrays, as a body or (body, content type)

https://docs.aws.amazon.com/sagemaker/latest/dg/neo-deployment-hosting-services-prerequisites.html. The runtime is the
package `dlr`, imported when such a model is loaded: https://neo-ai-dlr.readthedocs.io
"""

import importlib
from collections.abc import Mapping
from typing import Any

from serving import content_types
from serving.contracts.contract import Contract, Function
from serving.errors import ContractError
from serving.handler import Handler, Program, Request, Response, UserFunction, response_of


class Neo(Handler):
    """A compiled model on the CPU and the two functions around it."""

    contract = "neo_preprocess, dlr.DLRModel.run, neo_postprocess"

    def __init__(self, functions: Mapping[str, UserFunction], program: Program) -> None:
        self._config = program.config
        self._preprocess = functions["neo_preprocess"]
        self._postprocess = functions["neo_postprocess"]
        try:
            dlr = importlib.import_module("dlr")
        except ImportError as reason:
            raise ContractError(
                f"{program.path} defines neo_preprocess and neo_postprocess, which need the package dlr in the image: "
                f"{reason}"
            ) from reason
        load = UserFunction(name="dlr.DLRModel", call=dlr.DLRModel, takes_context=False)
        model = load(str(program.config.model_dir), "cpu", context=None)
        self._run = UserFunction(name="dlr.DLRModel.run", call=model.run, takes_context=False)

    def read(self, request: Request) -> Any:  # noqa: ANN401 - what neo_preprocess returns
        """The model's input, through neo_preprocess."""
        content_type = content_types.media_type(request.content_type)
        return self._preprocess(request.body, content_type, context=self.context(request, self._preprocess))

    def predict(self, data: Any, request: Request) -> Any:  # noqa: ANN401 - what the runtime returns
        """The runtime's outputs."""
        return self._run(data, context=self.context(request, self._run))

    def write(self, prediction: Any, request: Request) -> Response:  # noqa: ANN401 - see predict
        """The response, through neo_postprocess."""
        output = self._postprocess(prediction, context=self.context(request, self._postprocess))
        accept = content_types.first_choice(request.accept, self._config.default_accept)
        return response_of(output, accept, returned_by="neo_postprocess")


NAMES = ("neo_preprocess", "neo_postprocess")

CONTRACT = Contract(
    name="Neo",
    functions=(
        Function(name="neo_preprocess", parameters=("payload", "content_type")),
        Function(name="neo_postprocess", parameters=("result",)),
    ),
    required=NAMES,
    marks=NAMES,
    load=Neo,
)
