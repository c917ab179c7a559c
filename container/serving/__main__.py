"""`python -m serving serve` and `python -m serving train`: what SageMaker starts the container with."""

import os
import sys

from serving import log
from serving.config import Config
from serving.errors import StartError

USAGE = "The container is started with one argument, serve or train"


def main(arguments: list[str]) -> int:
    """Run what SageMaker asks for.

    Returns:
        The exit code: 0 for success, 1 for a failure that the log explains, 2 for a wrong argument.
    """
    log.configure("main")
    try:
        match arguments:
            case ["serve"]:
                from serving import supervisor  # noqa: PLC0415 - training needs no web server

                return supervisor.run(_config())
            case ["train"]:
                from serving import training  # noqa: PLC0415 - serving needs no training

                return training.run(_config())
            case _:
                log.error(f"{USAGE}, got {' '.join(arguments) or 'none'}.")
                return 2
    except StartError as reason:
        log.error(str(reason))
        return 1


def _config() -> Config:
    config = Config.from_env(os.environ)
    log.configure("main", style=config.log_format, level=config.log_level)
    if config.unknown:
        log.warning("variables that no setting has are ignored", variables=",".join(config.unknown))
    return config


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
