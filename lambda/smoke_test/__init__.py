"""The test Lambda: asks an endpoint for known predictions and compares the answers."""
