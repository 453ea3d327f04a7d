/** The sandbox's control interface, as far as the page calls it. Paths are under `/control`. */

const ROOT = "/control";

/** What the sandbox refused; `problems` maps the name of a field to what is wrong with it. */
export class Refused extends Error {
  constructor(status, body) {
    super(body?.message ?? `the sandbox answered ${status}`);
    this.status = status;
    this.problems = problemsIn(body?.errors);
  }

  /** All problems in one line, or the message itself. */
  get summary() {
    return Object.values(this.problems).join(" ") || this.message;
  }
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);
export const put = (path, body) => call("PUT", path, body);
export const remove = (path) => call("DELETE", path);

async function call(method, path, body) {
  const asked = { method, headers: {} };
  if (body !== undefined) {
    asked.headers["Content-Type"] = "application/json";
    asked.body = JSON.stringify(body);
  }
  const answer = await fetch(ROOT + path, asked).catch(() => {
    throw new Refused(0, { message: "The sandbox does not answer. Is it still running?" });
  });
  const text = await answer.text();
  const told = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Refused(answer.status, told);
  return told;
}

/** Discord nests problems by place; the last name on the way is the field. */
function problemsIn(errors, name = "", found = {}) {
  for (const [key, value] of Object.entries(errors ?? {})) {
    if (key === "_errors") found[name] = value.map((one) => one.message).join(" ");
    else problemsIn(value, key, found);
  }
  return found;
}
