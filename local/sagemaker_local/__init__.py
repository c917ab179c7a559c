"""Run a CDK app's SageMaker stack on this machine, without an AWS account."""
