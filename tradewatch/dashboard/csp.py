"""Content security by path: our pages allow files of their own and nothing else; the admin gets what unfold needs."""

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

ADMIN_PREFIX = "/admin/"
OUR_PAGES_THERE = ("/admin/login", "/admin/logout")  # `accounts` serves them: nothing of unfold is on them
# Alpine evaluates its attributes as code; unfold's page holds one <style> with the colours and sets style attributes.
ADMIN_DIRECTIVES = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


class AdminPolicy(MiddlewareMixin):
    """Widens the policy of answers under /admin/, and of no other."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith(ADMIN_PREFIX) and not request.path.startswith(OUR_PAGES_THERE):
            setattr(response, "_csp_replace", ADMIN_DIRECTIVES)  # noqa: B010  # the hook of django-csp
        return response
