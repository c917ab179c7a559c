"""AWS CDK constructs that host a bring-your-own model on Amazon SageMaker."""
