"""Stands in for the extension of MXNet that loads models compiled by SageMaker Neo. It is only ever imported."""
