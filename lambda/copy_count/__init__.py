"""Tells CloudFormation how many copies an inference component has, so that an update leaves it as many."""
