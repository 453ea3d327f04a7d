/** The faults that the drawer offers; the control interface knows many more. */

export const FAULTS = [
  ["Z-Image is slow (+8 s)", { server: "zimage", kind: "latency", seconds: 8 }],
  ["Z-Image is throttling", { server: "zimage", kind: "error", code: "Throttling.RateQuota" }],
  ["Z-Image has an internal error", { server: "zimage", kind: "error", code: "InternalError" }],
  ["Z-Image's next answer is lost", { server: "zimage", kind: "drop_after", times: 1 }],
  ["Z-Image refuses the content", { server: "zimage", kind: "error", code: "DataInspectionFailed" }],
  ["Z-Image's account is in arrears", { server: "zimage", kind: "error", code: "Arrearage" }],
  ["Links to pictures have expired", { server: "links", kind: "link_expired" }],
  ["Pictures arrive broken", { server: "links", kind: "truncated_png" }],
  ["Discord is slow (+2 s)", { server: "discord", kind: "latency", seconds: 2 }],
  ["Discord limits the rate", { server: "discord", kind: "rate_limited", times: 3, retry_after: 2 }],
  ["Discord answers 503", { server: "discord", kind: "status", status: 503 }],
  [
    "Discord refuses to open threads",
    {
      server: "discord",
      kind: "status",
      status: 403,
      match: "POST */threads",
      body: '{"message": "Missing Permissions", "code": 50013}',
      content_type: "application/json",
    },
  ],
].map(([label, fault]) => ({ label, fault }));

/** Whether this fault is among those in force, whatever defaults were filled in. */
export function isOn(fault, inForce) {
  return inForce.some((one) => Object.entries(fault).every(([name, value]) => one[name] === value));
}
