"""Z-Image's errors: codes, statuses and messages.

The body is flat, `{"request_id", "code", "message"}` (documented: Z-Image API reference,
2025-12-23). Codes, statuses and messages stand in Model Studio's "Error messages" (2026-06-23)
unless marked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.faults import met
from sandbox.faults.kinds import Error

if TYPE_CHECKING:
    from aiohttp import web


@dataclass(frozen=True, slots=True)
class Known:
    """What is documented for a code."""

    status: int
    message: str


class Refusal(Exception):
    """The request is answered with an error; nothing is billed.

    `rule` names the rule of the interface that the client broke, if any.
    """

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        status: int | None = None,
        rule: str | None = None,
    ) -> None:
        known = KNOWN.get(NATIVE.get(code, code))
        self.code = code
        self.rule = rule
        self.message = message if message is not None else known.message if known else ""
        self.status = status if status is not None else known.status if known else 400
        super().__init__(f"{self.status} {self.code}: {self.message}")


def ordered(request: web.Request) -> Refusal | None:
    """The error that a fault orders for this request."""
    fault = met(request, Error)
    if fault is None:
        return None
    refusal = Refusal(fault.code, fault.message, status=fault.status)
    refusal.message = f"{fault.prefix}{refusal.message}{fault.suffix}"
    return refusal


def invalid(message: str, rule: str = "invalid-parameter") -> Refusal:
    """400 InvalidParameter, the answer to nearly everything that is wrong with a body."""
    return Refusal("InvalidParameter", message, rule=rule)


KNOWN: dict[str, Known] = {
    "InvalidParameter": Known(400, "Required parameter(s) missing or invalid."),
    "InvalidParameter.DataInspection": Known(400, "Unable to download the media resource."),
    "Arrearage": Known(400, "Access denied, please make sure your account is in good standing."),
    "DataInspectionFailed": Known(400, "Input or output data may contain inappropriate content."),
    "IPInfringementSuspect": Known(
        400, "Input data is suspected of being involved in IP infringement."
    ),
    "InvalidURL": Known(400, "Invalid URL provided in your request."),
    "UnsupportedOperation": Known(400, "The operation is unsupported on the referee object."),
    "BadRequest.EmptyInput": Known(400, "Required input parameter missing from request."),
    "BadRequest.EmptyModel": Known(400, 'Required parameter "model" missing from request.'),
    "BadRequest.EmptyParameters": Known(
        400, 'Required parameter "parameters" missing from request.'
    ),
    "BadRequest.IllegalInput": Known(400, "The input parameter requires json format."),
    "CustomRoleBlocked": Known(400, "Input or output data may contain inappropriate content."),
    "FaqRuleBlocked": Known(400, "Input or output data is blocked by faq rule."),
    "ClientDisconnect": Known(400, "Client disconnected before task finished!"),
    "Model.NotExist": Known(400, "Model not exist."),
    "InvalidApiKey": Known(401, "Invalid API-key provided."),
    "AccessDenied": Known(403, "Access denied."),
    "AccessDenied.Unpurchased": Known(
        403, "Access to model denied. Please make sure you are eligible for using the model."
    ),
    "Model.AccessDenied": Known(403, "Model access denied."),
    "Workspace.AccessDenied": Known(403, "Workspace access denied."),
    "App.AccessDenied": Known(403, "App access denied."),
    "AllocationQuota.FreeTierOnly": Known(
        403,
        "The free tier of the model has been exhausted. If you wish to continue access the model"
        ' on a paid basis, please disable the "use free tier only" mode.',
    ),
    "ModelNotFound": Known(404, "Model can not be found."),
    "WorkSpaceNotFound": Known(404, "WorkSpace can not be found."),
    "NotFound": Known(404, "Not found!"),
    "Throttling": Known(429, "Requests throttling triggered."),
    "Throttling.RateQuota": Known(429, "Requests rate limit exceeded, please try again later."),
    "LimitRequests": Known(429, "You have exceeded your request limit."),
    "Throttling.BurstRate": Known(
        429,
        "Request rate increased too quickly. To ensure system stability, please adjust your"
        " client logic to scale requests more smoothly over time.",
    ),
    "Throttling.AllocationQuota": Known(
        429, "Allocated quota exceeded, please increase your quota limit."
    ),
    "CommodityNotPurchased": Known(429, "Commodity has not purchased yet."),
    "PrepaidBillOverdue": Known(429, "The prepaid bill is overdue."),
    "PostpaidBillOverdue": Known(429, "The postpaid bill is overdue."),
    "InternalError": Known(
        500, "An internal error has occured, try again later or contact service support."
    ),
    "InternalError.Algo": Known(500, "inference internal error."),
    "InternalError.Upload": Known(500, "Failed to upload result."),
    "InternalError.FileUpload": Known(500, "oss upload error."),
    "InternalError.Timeout": Known(500, "An internal timeout error has occured."),
    "RequestTimeOut": Known(500, "Request timed out, please try again later."),
    "RewriteFailed": Known(500, "Failed to rewrite content for prompt."),
    "SystemError": Known(500, "An system error has occured, please try again later."),
    "ModelServiceFailed": Known(500, "Failed to request model service."),
    "ModelServingError": Known(
        503,  # 500 is documented too
        "Too many requests. Your requests are being throttled due to system capacity limits."
        " Please try again later.",
    ),
    "ModelUnavailable": Known(503, "Model is unavailable, please try again later."),
    "ServiceUnavailable": Known(503, "Service unavailable."),  # code: official SDK 2.0.2
    "GatewayTimeout": Known(504, "Gateway timeout."),  # code: official SDK 2.0.2
}

UNPAID = frozenset({"CommodityNotPurchased", "PrepaidBillOverdue", "PostpaidBillOverdue"})
"""Of the codes of 429 those that are not for the rate."""

NATIVE: dict[str, str] = {
    "invalid_api_key": "InvalidApiKey",
    "data_inspection_failed": "DataInspectionFailed",
    "limit_requests": "Throttling.RateQuota",
    "limit_burst_rate": "Throttling.BurstRate",
    "insufficient_quota": "Throttling.AllocationQuota",
    "access_denied": "AccessDenied",
    "internal_error": "InternalError",
}
"""The snake_case spelling of the OpenAI-compatible interface, which also occurs here."""
