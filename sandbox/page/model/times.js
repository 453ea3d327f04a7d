/** Instants in the viewer's language. `now` follows the sandbox's clock, which can be moved. */

let offsetMs = 0;

/** Sets the page's clock by the sandbox's. */
export function setNow(nowUs) {
  offsetMs = nowUs / 1000 - Date.now();
}

export const now = () => new Date(Date.now() + offsetMs);

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

/** An instant in one of Discord's styles, `R` being relative. */
export function timeText(at, style, locale) {
  if (style === "R") return relativeText(at, locale);
  return formatter(locale, STYLES[style] ?? STYLES.f).format(at);
}

/** As a message's head shows it: the time alone today, else with the date. */
export function stampText(at, locale) {
  const time = timeText(at, "t", locale);
  return isSameDay(at, now()) ? time : `${timeText(at, "d", locale)} ${time}`;
}

export function isSameDay(a, b) {
  return a.toDateString() === b.toDateString();
}

const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

function relativeText(at, locale) {
  const seconds = (at - now()) / 1000;
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

const formatters = new Map();

/** Making one takes a millisecond, and a channel shows thousands of times. */
function formatter(locale, options) {
  const key = locale + JSON.stringify(options);
  if (!formatters.has(key)) formatters.set(key, new Intl.DateTimeFormat(locale, options));
  return formatters.get(key);
}
