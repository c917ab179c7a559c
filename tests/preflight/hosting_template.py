"""A template without mistakes, into which tests put one at a time."""

from copy import deepcopy
from typing import Any

MISSING = object()

TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": "sts:AssumeRole",
                            "Principal": {"Service": "sagemaker.amazonaws.com"},
                        }
                    ]
                },
                "Policies": [
                    {
                        "PolicyName": "models",
                        "PolicyDocument": {
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Action": "s3:GetObject",
                                    "Resource": {"Fn::Sub": "${Bucket.Arn}/*"},
                                },
                                {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
                                {
                                    "Effect": "Allow",
                                    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                                    "Resource": {
                                        "Fn::Sub": "arn:aws:ecr:${AWS::Region}:${AWS::AccountId}:repository/iris"
                                    },
                                },
                            ]
                        },
                    }
                ],
            },
        },
        "Model": {
            "Type": "AWS::SageMaker::Model",
            "Properties": {
                "ExecutionRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "PrimaryContainer": {
                    "Image": {"Fn::Sub": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/iris:1"},
                    "ModelDataSource": {
                        "S3DataSource": {
                            "S3Uri": {"Fn::Sub": "s3://${Bucket}/iris/model.tar.gz"},
                            "S3DataType": "S3Object",
                            "CompressionType": "Gzip",
                        }
                    },
                    "Environment": {"LOG_LEVEL": "info"},
                },
            },
        },
        "Config": {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {
                "ProductionVariants": [
                    {
                        "VariantName": "AllTraffic",
                        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
                        "InstanceType": "ml.m5.large",
                        "InitialInstanceCount": 2,
                        "InitialVariantWeight": 1,
                    }
                ],
                "DataCaptureConfig": {
                    "EnableCapture": True,
                    "InitialSamplingPercentage": 20,
                    "DestinationS3Uri": "s3://captures/iris",
                    "CaptureOptions": [{"CaptureMode": "Input"}],
                },
            },
        },
        "Serverless": {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {
                "ProductionVariants": [
                    {
                        "VariantName": "AllTraffic",
                        "ModelName": "wine",
                        "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 10},
                    }
                ]
            },
        },
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {
                "EndpointName": "iris",
                "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
                "DeploymentConfig": {
                    "BlueGreenUpdatePolicy": {
                        "TrafficRoutingConfiguration": {
                            "Type": "CANARY",
                            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 25},
                            "WaitIntervalInSeconds": 300,
                        },
                        "MaximumExecutionTimeoutInSeconds": 3600,
                        "TerminationWaitInSeconds": 120,
                    },
                    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": {"Ref": "Errors"}}]},
                },
            },
        },
        "Errors": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "Namespace": "AWS/SageMaker",
                "MetricName": "Invocation5XXErrors",
                "Dimensions": [
                    {"Name": "EndpointName", "Value": "iris"},
                    {"Name": "VariantName", "Value": "AllTraffic"},
                ],
                "Statistic": "Sum",
                "Period": 60,
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            },
        },
        "Target": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": {
                "ServiceNamespace": "sagemaker",
                "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
                "ResourceId": {"Fn::Sub": "endpoint/${Endpoint.EndpointName}/variant/AllTraffic"},
                "MinCapacity": 2,
                "MaxCapacity": 4,
            },
        },
        "Policy": {
            "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
            "Properties": {
                "PolicyName": "load",
                "PolicyType": "TargetTrackingScaling",
                "ScalingTargetId": {"Ref": "Target"},
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": 70,
                    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
                },
            },
        },
        "Group": {
            "Type": "AWS::SageMaker::ModelPackageGroup",
            "Properties": {"ModelPackageGroupName": "iris"},
        },
        "Package": {
            "Type": "AWS::SageMaker::ModelPackage",
            "Properties": {
                "ModelPackageGroupName": {"Fn::GetAtt": ["Group", "ModelPackageGroupArn"]},
                "ModelApprovalStatus": "Approved",
                "Domain": "MACHINE_LEARNING",
                "Task": "CLASSIFICATION",
                "SamplePayloadUrl": {"Fn::Sub": "s3://${Bucket}/samples.tar.gz"},
                "InferenceSpecification": {
                    "Containers": [
                        {
                            "Image": {"Fn::Sub": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/iris:1"},
                            "ModelDataUrl": {"Fn::Sub": "s3://${Bucket}/iris/model.tar.gz"},
                        }
                    ],
                    "SupportedContentTypes": ["text/csv"],
                    "SupportedResponseMIMETypes": ["text/csv"],
                },
            },
        },
    }
}


def template_with(resource: str, path: str, value: Any) -> dict[str, Any]:
    """The template with another value at a property path; ``MISSING`` removes the property."""
    changed = deepcopy(TEMPLATE)
    place: Any = changed["Resources"][resource]["Properties"]
    *parents, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in parents:
        place = place[step]
    if value is MISSING:
        del place[last]
    elif isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value
    return changed
