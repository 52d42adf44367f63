"""Deployments: started and completed by CI or by hand, and what is deployed where."""
