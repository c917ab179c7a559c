"""The CDK app: one stack for each environment, checked as it is synthesized."""

from __future__ import annotations

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from sagemaker_hosting import SageMakerPreflight
from stacks.environments import ENVIRONMENTS, GITHUB, LOCAL, PROMOTION
from stacks.github_role_stack import GitHubRoleStack
from stacks.hosting_stack import HostingStack
from stacks.promotion_stack import PromotionStack

# Without the analytics resource, whose text depends on the machine, the same input gives the same template.
app = cdk.App(analytics_reporting=False)
for environment in ENVIRONMENTS:
    HostingStack(app, f"Hosting-{environment.name}", environment=environment)
for environment in LOCAL:
    HostingStack(
        app,
        f"Hosting-{environment.name}",
        environment=environment,
        # The embedded AWS deploys templates directly, which CloudFormation's rule about the bootstrap version forbids.
        synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    )
if PROMOTION is not None:
    PromotionStack(app, "Promotion", environments=ENVIRONMENTS, promotion=PROMOTION)
if GITHUB is not None:
    GitHubRoleStack.for_each_account(app, environments=ENVIRONMENTS, github=GITHUB)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), SageMakerPreflight())
app.synth()
