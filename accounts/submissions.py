"""A form that makes something makes it once, however often it is sent.

A double click, a second Enter, Back and "send again": each of them repeats a form with the one-time
token that `{% once %}` put into it when it was shown. The first does the work, the others get its answer.
"""

from __future__ import annotations

from collections.abc import Callable

from accounts.idempotency import Answer, once
from accounts.pages import PageRequest
from customermates.kernel.errors import Conflict, Issue, ValidationFailed
from customermates.kernel.ui.template_tags import ONCE

_IN_WORDS_OF_FORMS = {
    "idempotency_key_invalid": "form_token_invalid",
    "idempotency_key_reused": "form_sent_before",
    "idempotency_in_progress": "form_being_saved",
}


def once_per_form(request: PageRequest, produce: Callable[[], Answer]) -> Answer:
    """What `produce()` answers, or what it answered when this very form was sent before.

    A form that could not be saved is not remembered. One that was sent before with other values is
    refused: whoever went back and changed something would else believe that the change was saved.
    """
    token = request.POST.get(ONCE)
    values = {name: request.POST.getlist(name) for name in request.POST if name != "csrfmiddlewaretoken"}
    body = {"address": request.get_full_path(), "values": values}
    try:
        answer, _ = once(request.actor, token and f"form {token}", body, produce)
    except (Conflict, ValidationFailed) as error:
        raise type(error)(*map(_in_words_of_forms, error.issues)) from None
    return answer


def _in_words_of_forms(issue: Issue) -> Issue:
    """Talk of idempotency is for programs."""
    code = _IN_WORDS_OF_FORMS.get(issue.code)
    return Issue("", code) if code else issue
