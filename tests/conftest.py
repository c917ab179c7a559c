from __future__ import annotations

import os

# The CDK's own validator of CloudFormation takes seconds in every process; the tests of the whole app turn it on again.
os.environ["CDK_VALIDATION"] = "false"
