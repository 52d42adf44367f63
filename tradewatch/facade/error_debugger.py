"""`error_debugger`: keeps what is known of an error, opens debugging sessions on it, and sends its request again.

Coroutines, as the seed shows them: a thread does the work, over HTTP a few seconds at most, a replay as long as its
target takes. They never raise into their caller (see `failures`): what cannot be had is counted, answered with None.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from tradewatch.facade.backends import Backend, backend_of_this_process
from tradewatch.facade.captured import body_of
from tradewatch.facade.failures import count_failure, swallowed

__all__ = ["ErrorDebugger", "error_debugger"]

Asked = Callable[[Backend], dict[str, Any] | None]


class ErrorDebugger:
    async def capture_error_context(
        self,
        error: BaseException,
        request_data: Mapping[str, Any] | None = None,
        user_context: Mapping[str, Any] | None = None,
        *,
        system_context: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        transaction: str | None = None,
        project: str | None = None,
    ) -> str | None:
        """Store the error with its causes, frames and variables; return its id. It counts as no event.

        `request_data`: method, path, query, headers, body. `user_context`: id or user_id, and what else there is.
        `project` is a slug; without one the token's only project, else `default`.
        """
        with swallowed("capture_error_context"):
            said = {
                "request": dict(request_data or {}),
                "user": _user(user_context or {}),
                "system": dict(system_context or {}),
                "tags": dict(tags or {}),
                "transaction": transaction or "",
            }
            body = body_of(error, said)  # here: what the scope knows of the request is not known in another thread
            answer = await asyncio.to_thread(_ask, lambda backend: backend.capture_error(body, project))
            return None if answer is None else str(answer["error_id"])
        return None

    async def create_debug_session(
        self, error_id: str | None, title: str | None = None, *, project: str | None = None
    ) -> int | None:
        """Open a session on a captured error or a stored event; return its id. One open on it is the same session."""
        with swallowed("create_debug_session"):
            if not error_id:
                count_failure("create_debug_session", "the error was not captured")
                return None
            body = {"title": title} if title else {}
            answer = await asyncio.to_thread(
                _ask, lambda backend: backend.open_debug_session(str(error_id), body, project)
            )
            return None if answer is None else int(answer["session_id"])
        return None

    async def get_debug_session(self, session_id: int | str) -> dict[str, Any] | None:
        """Return what `GET /debug/session/{id}` answers: context, steps with their findings, trail."""
        with swallowed("get_debug_session"):
            return await asyncio.to_thread(_ask, lambda backend: backend.debug_session(int(session_id)))
        return None

    async def replay_request(
        self,
        session_id: int | str | None,
        modifications: Mapping[str, Any] | None = None,
        *,
        target: str | None = None,
        dry_run: bool = False,
    ) -> dict[str, Any] | None:
        """Send the session's request again; return {"replay_id", "state", "request", "response", "diff", "reproduced"}.

        `modifications`: method, path, query, headers, body or patch. `target`: the name of a listed one; without, the
        only one that is not production. What is sent to production waits for a second person ("state": "waiting").
        """
        with swallowed("replay_request"):
            if session_id is None:
                count_failure("replay_request", "there is no session")
                return None
            said = {"modifications": dict(modifications) if modifications else None, "target": target}
            body = {**{name: value for name, value in said.items() if value is not None}, "dry_run": dry_run}
            return await asyncio.to_thread(_ask, lambda backend: backend.replay_request(int(session_id), body))
        return None


def _ask(asked: Asked) -> dict[str, Any] | None:
    """Run in a thread of its own making, whose connections nobody else would close."""
    backend = backend_of_this_process()
    try:
        return asked(backend)
    finally:
        backend.release()


def _user(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the user as events name it: the seed's `user_id` is their `id`."""
    rest = {name: value for name, value in context.items() if name != "user_id"}
    return {"id": str(context["user_id"]), **rest} if context.get("user_id") is not None else rest


error_debugger = ErrorDebugger()
