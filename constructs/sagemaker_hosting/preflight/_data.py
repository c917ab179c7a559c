"""The checked-in facts. ``compile_data.py`` and ``compile_images.py`` below ``tests/preflight`` renew them."""

from sagemaker_hosting.facts import facts as data

__all__ = ["data"]
