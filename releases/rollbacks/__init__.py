"""The way back from a deployment: offered, requested, recorded, verified."""
