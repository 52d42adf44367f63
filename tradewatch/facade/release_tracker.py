"""`release_tracker`: starts and completes deployments, and asks what is deployed where, from code.

Each call waits for its answer, over HTTP a few seconds at most, and never raises into its caller (see `failures`): what
cannot be had is counted. Coroutines call it by `asyncio.to_thread`.
"""

from typing import Any

from tradewatch.facade.backends import backend_of_this_process
from tradewatch.facade.deployments import Deployment, ReleaseNotes, deployment_of, notes_of
from tradewatch.facade.failures import count_failure, swallowed

__all__ = ["Deployment", "ReleaseNotes", "ReleaseTracker", "release_tracker"]


class ReleaseTracker:
    def start_deployment(
        self,
        environment: str,
        version: str | None = None,
        *,
        commit: str | None = None,
        ref: str | None = None,
        url: str | None = None,
        deployed_by: str | None = None,
        project: str | None = None,
    ) -> Deployment:
        """Say that a version goes out. Without one it is the commit, else the newest release seen there.

        What could not be told has no `deployment_id`, and the status `unknown`. `project` is a slug; without one the
        token's only project, else `default`.
        """
        with swallowed("start_deployment"):
            said = {"version": version, "commit": commit, "ref": ref, "url": url, "deployed_by": deployed_by}
            body = {"environment": environment, **{name: value for name, value in said.items() if value}}
            answer = backend_of_this_process().start_deployment(body, project)
            if answer is not None:
                return deployment_of(answer)
        return Deployment(None, environment, version)

    def complete_deployment(
        self, deployment_id: int | str | None, success: bool = True, message: str = ""
    ) -> Deployment | None:
        """Say how a deployment ended; again in the same way changes nothing. None: refused, or it could not be told."""
        with swallowed("complete_deployment"):
            if deployment_id is None:
                count_failure("complete_deployment", "its start was not told")
                return None
            body = {"success": bool(success), "message": message[:500]}
            answer = backend_of_this_process().complete_deployment(int(deployment_id), body)
            return None if answer is None else deployment_of(answer)
        return None

    def get_release_status(self, environment: str | None = None, *, project: str | None = None) -> dict[str, Any]:
        """Return what `GET /release/status` answers. Not to be had: no environments and no releases."""
        with swallowed("get_release_status"):
            answer = backend_of_this_process().release_status(environment, project)
            if answer is not None:
                return answer
        return {"environments": {}, "releases": []}

    def generate_release_notes(
        self,
        version: str,
        *,
        environment: str | None = None,
        previous: str | None = None,
        project: str | None = None,
    ) -> ReleaseNotes:
        """Return the notes of a version since what `environment` (production) ran before, or since `previous`.

        They are empty where nothing is known of the version, and where they cannot be had.
        """
        with swallowed("generate_release_notes"):
            said = {"environment": environment, "previous": previous}
            asked = {name: value for name, value in said.items() if value}
            answer = backend_of_this_process().release_notes(version, asked, project)
            if answer is not None:
                return notes_of(answer)
        return ReleaseNotes(version)


release_tracker = ReleaseTracker()
