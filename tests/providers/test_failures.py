"""Every documented error has one meaning, in both spellings, whatever its message looks like."""

from __future__ import annotations

import pytest

from bot.errors import (
    AccessRefused,
    AccountBlocked,
    AnswerLost,
    AnswerUnreadable,
    ContentRefused,
    Inspected,
    KeyRejected,
    ProviderError,
    ProviderFailed,
    RateLimited,
    RequestRejected,
    Retry,
    Throttle,
    UnexpectedAnswer,
)
from bot.providers.model_studio import ErrorTold, failure

# Model Studio, "Error messages" (2026-06-23): status, code, message, meaning.
DOCUMENTED = [
    (400, "InvalidParameter", "num_images_per_prompt must be 1", RequestRejected),
    (400, "InvalidParameter", "Image area must be between 262144 and 4194304", RequestRejected),
    (400, "InvalidParameter", "url error, please check url！", AccessRefused),
    (400, "InvalidParameter", "Model not exist.", AccessRefused),
    (400, "InvalidParameter.DataInspection", "The image could not be inspected", RequestRejected),
    (400, "invalid_parameter_error", "-1 is lesser than the minimum of 0", RequestRejected),
    (400, "InvalidURL", "Invalid URL provided in your request.", RequestRejected),
    (400, "UnsupportedOperation", "", RequestRejected),
    (400, "BadRequest.EmptyInput", "", RequestRejected),
    (400, "BadRequest.IllegalInput", "requires json format", RequestRejected),
    (400, "ClientDisconnect", "", RequestRejected),
    (400, "Arrearage", "Access denied, please make sure your account is in", AccountBlocked),
    (400, "DataInspectionFailed", "Input or output data may contain", ContentRefused),
    (400, "data_inspection_failed", "Input data may contain inappropriate", ContentRefused),
    (400, "IPInfringementSuspect", "Input data is suspected of", ContentRefused),
    (400, "CustomRoleBlocked", "", ContentRefused),
    (400, "FaqRuleBlocked", "", ContentRefused),
    (401, "InvalidApiKey", "Invalid API-key provided.", KeyRejected),
    (401, "invalid_api_key", "Incorrect API key provided.", KeyRejected),
    (401, None, "NOT AUTHORIZED", KeyRejected),
    (401, "Unheard", "invalid access token or token expired", KeyRejected),
    (403, "AccessDenied", "current user api does not support asynchronous calls.", AccessRefused),
    (403, "access_denied", "Access denied.", AccessRefused),
    (403, "AccessDenied.Unpurchased", "Access to model denied.", AccessRefused),
    (403, "Model.AccessDenied", "", AccessRefused),
    (403, "Workspace.AccessDenied", "", AccessRefused),
    (403, "App.AccessDenied", "", AccessRefused),
    (403, "AllocationQuota.FreeTierOnly", "The free tier of the model", AccountBlocked),
    (404, "ModelNotFound", "Model can not be found.", AccessRefused),
    (404, "model_not_found", "The model xxx does not exist", AccessRefused),
    (404, "Model.NotExist", "", AccessRefused),
    (404, "InvalidParameter", "Model not exist.", AccessRefused),
    (404, "WorkSpaceNotFound", "", AccessRefused),
    (404, "NotFound", "", AccessRefused),
    (413, None, "", RequestRejected),
    (429, "Throttling", "Requests throttling triggered.", RateLimited),
    (429, "Throttling.RateQuota", "Requests rate limit exceeded", RateLimited),
    (429, "LimitRequests", "You exceeded your current requests list.", RateLimited),
    (429, "limit_requests", "You have exceeded your request limit.", RateLimited),
    (429, "Throttling.BurstRate", "Request rate increased too quickly.", RateLimited),
    (429, "limit_burst_rate", "Request rate increased too quickly.", RateLimited),
    (429, "Throttling.AllocationQuota", "Allocated quota exceeded", RateLimited),
    (429, "insufficient_quota", "You exceeded your current quota", RateLimited),
    (429, "Throttling.AllocationQuota", "Free allocated quota exceeded.", AccountBlocked),
    (429, "CommodityNotPurchased", "", AccountBlocked),
    (429, "PrepaidBillOverdue", "", AccountBlocked),
    (429, "PostpaidBillOverdue", "", AccountBlocked),
    (429, None, "", RateLimited),
    (500, "InternalError", "An internal error has occured", ProviderFailed),
    (500, "internal_error", "Internal server error!", ProviderFailed),
    (500, "InternalError.Algo", "inference internal error.", ProviderFailed),
    (500, "InternalError.Upload", "Failed to upload result.", ProviderFailed),
    (500, "InternalError.FileUpload", "oss upload error.", ProviderFailed),
    (500, "InternalError.Timeout", "Request timed out", ProviderFailed),
    (500, "RequestTimeOut", "Response timeout!", ProviderFailed),
    (500, "RewriteFailed", "Failed to rewrite content for prompt.", ProviderFailed),
    (500, "SystemError", "An system error has occured", ProviderFailed),
    (500, "ModelServiceFailed", "Failed to request model service.", ProviderFailed),
    (500, "ModelServingError", "Too many requests. Your requests are", ProviderFailed),
    (503, "ModelServingError", "Too many requests.", ProviderFailed),
    (503, "ModelUnavailable", "Model is unavailable", ProviderFailed),
    (503, "ServiceUnavailable", "", ProviderFailed),
    (504, "GatewayTimeout", "", ProviderFailed),
    (504, None, "upstream request timeout", AnswerLost),
    (502, None, "<html>Bad Gateway</html>", ProviderFailed),
    (408, None, "", ProviderFailed),
    (405, None, "Request method 'GET' is not supported.", RequestRejected),
    (302, None, "", UnexpectedAnswer),
    (200, "Unheard", "", AnswerUnreadable),
]
WRAPPED = [
    ("<400> InternalError.Algo.InvalidParameter: bad seed", RequestRejected),
    ("<400> InternalError.Algo.DataInspectionFailed: Input data may", ContentRefused),
    ("<500> InternalError.Algo: inference internal error", ProviderFailed),
    ("<400> Unheard.Of: strange", ProviderFailed),
]
RETRIES = {
    RateLimited: Retry.SLOWER,
    ProviderFailed: Retry.BACKOFF,
    UnexpectedAnswer: Retry.BACKOFF,
}


@pytest.mark.parametrize(("status", "code", "message", "kind"), DOCUMENTED)
def test_a_documented_error_has_one_meaning(
    status: int, code: str | None, message: str, kind: type[ProviderError]
) -> None:
    """The error keeps status, code and request id, and says whether it may be sent again."""
    error = failure(status, ErrorTold(code=code, message=message, request_id="r-1"), {})

    assert type(error) is kind
    assert (error.status, error.code, error.request_id) == (status, code, "r-1")
    assert error.retry is RETRIES.get(kind, Retry.NO)


@pytest.mark.parametrize(("status", "code", "message", "kind"), DOCUMENTED)
def test_a_link_or_a_blank_after_the_message_changes_nothing(
    status: int, code: str | None, message: str, kind: type[ProviderError]
) -> None:
    """Newer messages end with a link to the error page."""
    longer = f"{message} For details, see: https://help.aliyun.com/error-code#x "

    assert type(failure(status, ErrorTold(code=code, message=longer), {})) is kind


@pytest.mark.parametrize("status", [301, 302, 307, 401, 403, 404, 407])
@pytest.mark.parametrize(
    "told",
    [
        ErrorTold(message="<html>Not authorized: your API key", is_own=False),
        ErrorTold(is_own=False),
        ErrorTold(code="waf_block", message="blocked"),
        ErrorTold(message="blocked"),
    ],
)
def test_a_stranger_before_the_service_does_not_speak_for_it(status: int, told: ErrorTold) -> None:
    """A firewall dislikes one prompt; that says nothing of the account."""
    error = failure(status, told, {})

    assert type(error) is UnexpectedAnswer
    assert error.retry is Retry.BACKOFF


def test_an_endless_request_id_in_the_headers_is_cut() -> None:
    """It goes into the row and into every log line about the job."""
    error = failure(500, ErrorTold(), {"x-request-id": "r" * 8000})

    assert error.request_id == "r" * 100


@pytest.mark.parametrize(("message", "kind"), WRAPPED)
def test_the_inner_error_counts(message: str, kind: type[ProviderError]) -> None:
    """A wrapped error of the member's must not be tried again as one of the service's."""
    error = failure(500, ErrorTold(code="InternalError", message=message), {})

    assert type(error) is kind


@pytest.mark.parametrize(
    ("code", "throttle"),
    [
        ("Throttling", Throttle.UNKNOWN),
        ("Throttling.RateQuota", Throttle.RATE),
        ("limit_requests", Throttle.RATE),
        ("Throttling.BurstRate", Throttle.BURST),
        ("limit_burst_rate", Throttle.BURST),
        ("Throttling.AllocationQuota", Throttle.ALLOCATION),
        ("insufficient_quota", Throttle.ALLOCATION),
    ],
)
def test_a_throttling_says_which_limit_was_hit(code: str, throttle: Throttle) -> None:
    """Only a burst is helped by ramping slowly."""
    error = failure(429, ErrorTold(code=code), {})

    assert isinstance(error, RateLimited)
    assert error.throttle is throttle


@pytest.mark.parametrize(
    ("code", "message", "inspected"),
    [
        ("DataInspectionFailed", "Input data may contain inappropriate content.", Inspected.INPUT),
        ("DataInspectionFailed", "Green net check failed for input text", Inspected.INPUT),
        ("DataInspectionFailed", "Output data may contain", Inspected.OUTPUT),
        ("DataInspectionFailed", "Input or output data may contain", Inspected.UNKNOWN),
        ("data_inspection_failed", "", Inspected.UNKNOWN),
        ("IPInfringementSuspect", "Input data is suspected of", Inspected.PROPERTY),
    ],
)
def test_a_content_refusal_says_what_was_looked_at(
    code: str, message: str, inspected: Inspected
) -> None:
    """If it was the picture, another seed may pass."""
    error = failure(400, ErrorTold(code=code, message=message), {})

    assert isinstance(error, ContentRefused)
    assert error.inspected is inspected


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("300", 300.0),
        ("301", 300.0),
        ("86400", 300.0),
        ("Sun, 22 Nov 2026 18:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 17:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2026 18:00:30", None),
        ("soon", None),
        ("-3", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_services_own_wait_is_known_and_capped(
    status: int, header: str, wait_s: float | None
) -> None:
    """Seconds or a date; the date is compared with the answer's own clock."""
    headers = {"Retry-After": header, "Date": "Sun, 22 Nov 2026 18:00:00 GMT"}
    error = failure(status, ErrorTold(), headers)

    assert isinstance(error, RateLimited | ProviderFailed)
    assert error.retry_after_s == wait_s


def test_a_date_without_a_clock_to_compare_it_with_is_ignored() -> None:
    """Our own clock may be wrong by hours."""
    error = failure(429, ErrorTold(), {"Retry-After": "Sun, 22 Nov 2026 18:00:30 GMT"})

    assert isinstance(error, RateLimited)
    assert error.retry_after_s is None


def test_the_request_id_may_stand_in_the_header_alone() -> None:
    """A gateway's page has no other place for it."""
    assert failure(502, ErrorTold(), {"x-request-id": "r-9"}).request_id == "r-9"
