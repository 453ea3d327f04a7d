/**
 * The websocket with every change. After each (re)connection `onOpen` runs, since what happened in
 * between is unknown; then `onEvent` gets every event in order.
 */

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4_000;

export class Live {
  #waitMs = FIRST_WAIT_MS;

  constructor({ onOpen, onEvent, onClose }) {
    Object.assign(this, { onOpen, onEvent, onClose });
  }

  connect() {
    const address = new URL("/control/events", location.href);
    address.protocol = "ws:";
    const socket = new WebSocket(address);
    socket.addEventListener("open", () => {
      this.#waitMs = FIRST_WAIT_MS;
      this.onOpen();
    });
    socket.addEventListener("message", ({ data }) => this.onEvent(JSON.parse(data)));
    socket.addEventListener("close", () => {
      this.onClose();
      setTimeout(() => this.connect(), this.#waitMs);
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    });
  }
}
