"""The pages of releases and deployments: what ran where, how each release does, what a deployment was."""
