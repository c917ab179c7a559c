"""Lets a promotion go on when the model version that it deployed is approved in the model registry."""
