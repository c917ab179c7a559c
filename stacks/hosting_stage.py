"""One environment, as a stage of a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from stacks.hosting_stack import HostingStack

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.environments import HostingEnvironment


class HostingStage(cdk.Stage):
    """Holds the very stack that ``cdk deploy Hosting-NAME`` deploys, under the same name."""

    def __init__(self, scope: Construct, id: str, *, environment: HostingEnvironment) -> None:  # noqa: A002
        """Create the stage.

        Args:
            scope: The stack of the pipeline.
            id: Name of the stage.
            environment: What is deployed, and where.
        """
        super().__init__(scope, id, env=cdk.Environment(account=environment.account, region=environment.region))
        name = f"Hosting-{environment.name}"
        self.hosting = HostingStack(self, name, environment=environment, stack_name=name)
