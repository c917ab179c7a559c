"""An app with an empty stack: what the CDK itself takes."""

import aws_cdk as cdk

app = cdk.App()
cdk.Stack(app, "Stack")
app.synth()
