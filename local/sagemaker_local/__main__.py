import sys

from sagemaker_local.cli import main

sys.exit(main())
