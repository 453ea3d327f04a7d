/** The page's own line drawings, 24 units square. They say nothing by themselves: label the button. */

import { html } from "../vendor/lit.js";

const lines = (path) => () =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${path}></path></svg>`;

export const icons = {
  channel: lines("M9 4 7 20M17 4l-2 16M4 9h17M3 15h17"),
  locked: lines("M9 6 7.5 20M15 13l-1 7M4 10h9M3 15h13M16 8V6a2.5 2.5 0 0 1 5 0v2M15 8h7v5h-7z"),
  news: lines("M4 10v4h4l9 5V5L8 10zM8 14l1 6h3l-1-5M20 10v4"),
  forum: lines("M4 5h12v8H9l-4 3v-3H4zM19 9h2v8h-1v3l-4-3h-5"),
  voice: lines("M4 10v4h4l5 4V6L8 10zM16 9a4 4 0 0 1 0 6M18 6a8 8 0 0 1 0 12"),
  thread: lines("M5 4v9a3 3 0 0 0 3 3h11M15 12l4 4-4 4M9 9h10"),
  direct: lines("M4 5h16v11h-9l-5 4v-4H4zM8 9h8M8 12h5"),
  reply: lines("M10 6 4 12l6 6M4 12h9a7 7 0 0 1 7 7"),
  more: lines("M4.6 12h.8M11.6 12h.8M18.6 12h.8"),
  close: lines("M6 6l12 12M18 6 6 18"),
  add: lines("M12 5v14M5 12h14"),
  eye: lines("M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z"),
  tools: lines("M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5"),
  back: lines("M15 5l-7 7 7 7"),
  open: lines("M13 4h7v7M20 4l-9 9M9 5H5v14h14v-4"),
  down: lines("M12 5v14M6 13l6 6 6-6"),
  chevron: lines("M7 10l5 5 5-5"),
  file: lines("M6 3h8l5 5v13H6zM14 3v5h5"),
  check: lines("M5 13l4 4L19 7"),
  beside: lines("M3 5h18v14H3zM12 5v14"),
  menu: lines("M4 7h16M4 12h16M4 17h16"),
  sun: lines(
    "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2",
  ),
};

/** The painter of grapes has grapes for a face. */
export function grapes() {
  return html`<svg class="grapes" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path class="leaf" d="M12.2 6.6C12.4 4 14 2.6 17 2.6c-.4 2.8-2.2 4.2-4.8 4zM12.2 6.6C12 4.9 11 3.7 9.4 3.3"></path>
    <circle cx="8" cy="9.4" r="2.3"></circle><circle cx="12.2" cy="9.4" r="2.3"></circle>
    <circle cx="16.4" cy="9.4" r="2.3"></circle><circle cx="10.1" cy="13.2" r="2.3"></circle>
    <circle cx="14.3" cy="13.2" r="2.3"></circle><circle cx="12.2" cy="17" r="2.3"></circle>
  </svg>`;
}
