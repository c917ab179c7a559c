"""An address on the internet in front of an endpoint, without a function in between: an API of API Gateway.

A request must be signed by somebody whom IAM allows to make it. Deploy it with
``npx cdk deploy --app ".venv/bin/python examples/api/app.py"``, then, with the output ``Url``:
``curl --aws-sigv4 aws:amz:REGION:execute-api --user KEY:SECRET -H "Content-Type: text/csv" -d 5.1,3.5,1.4,0.2 URL``.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_logs as logs
from cdk_nag import AwsSolutionsChecks

import sagemaker_hosting as hosting

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "models" / "iris"

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Api")
hosted = hosting.HostedModel(
    stack,
    "Irises",
    image=hosting.ContainerImage.from_asset(ROOT / "container", build_args={"FRAMEWORK": "sklearn"}),
    model_data=hosting.ModelData.from_directory(IRIS / "model", code=IRIS / "code"),
    payloads=hosting.SamplePayloads.from_directory(IRIS / "payloads"),
    domain=hosting.ModelDomain.MACHINE_LEARNING,
    task=hosting.ModelTask.CLASSIFICATION,
)
api = apigateway.RestApi(
    stack,
    "Api",
    cloud_watch_role=False,
    deploy_options=apigateway.StageOptions(
        access_log_destination=apigateway.LogGroupLogDestination(
            logs.LogGroup(stack, "Requests", retention=logs.RetentionDays.ONE_MONTH)
        ),
        throttling_rate_limit=50,
    ),
    endpoint_types=[apigateway.EndpointType.REGIONAL],
)
api.root.add_method(
    "POST",
    apigateway.SagemakerIntegration(hosted.endpoint),
    authorization_type=apigateway.AuthorizationType.IAM,
    request_parameters={"method.request.header.Content-Type": True},
    request_validator_options=apigateway.RequestValidatorOptions(
        validate_request_body=True, validate_request_parameters=True
    ),
)
cdk.Validations.of(api).acknowledge(
    cdk.Acknowledgment(
        id="AwsSolutions-APIG3", reason="Only signed requests get through, and not more than 50 a second."
    ),
    cdk.Acknowledgment(
        id="AwsSolutions-APIG6", reason="The access log has every request; the endpoint logs what failed."
    ),
    cdk.Acknowledgment(id="AwsSolutions-COG4", reason="IAM decides who may call."),
)
cdk.CfnOutput(stack, "Url", value=api.url)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), hosting.SageMakerPreflight())
app.synth()
