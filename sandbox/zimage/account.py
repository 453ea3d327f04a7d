"""What an account can ask about itself: tasks, quotas, models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.zimage.drawing import MODELS
from sandbox.zimage.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.zimage.answers import Body

_MAX_PAGE_SIZE = 100  # guessed


def unknown_task(task_id: str, request_id: str) -> Body:
    """No task is ever known here; observed as a free check of the key."""
    return {"request_id": request_id, "output": {"task_id": task_id, "task_status": "UNKNOWN"}}


def quotas(
    query: Mapping[str, str], *, requests_per_second: float, workspace_id: str, request_id: str
) -> Body:
    """Ceilings by model. Documented ("List quotas", 2026-10-11); it does not tell what is left.

    Raises:
        Refusal: a page is no number.
    """
    limit = {
        "request_limit": max(1, int(requests_per_second * 60)),
        "request_limit_period": 60,
        "usage_limit": None,
        "usage_limit_field": None,
        "usage_limit_period": None,
        "async_user_queue_limit": None,
        "async_user_concurrency_limit": None,
    }
    found = [
        {
            "model": model,
            "workspace_id": workspace_id,
            "model_limit": limit,
            "workspace_limit": None,
        }
        for model in MODELS
        if query.get("model", model) == model and query.get("name", model) in model
    ]
    return _page("quotas", found, query, request_id)


def models(query: Mapping[str, str], request_id: str) -> Body:
    """The models there are. That the path exists is observed; the shape is guessed."""
    found = [{"model": model, "name": model} for model in MODELS]
    return _page("models", found, query, request_id)


def _page(name: str, found: list[Body], query: Mapping[str, str], request_id: str) -> Body:
    page_no, page_size = _number(query, "page_no", 1), _number(query, "page_size", 20)
    page_size = min(page_size, _MAX_PAGE_SIZE)
    first = (page_no - 1) * page_size
    output = {
        "total": len(found),
        "page_no": page_no,
        "page_size": page_size,
        name: found[first : first + page_size],
    }
    return {"request_id": request_id, "output": output}


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 9 and int(text)):
        raise invalid(f"Input should be a valid integer: {name}")
    return int(text)
