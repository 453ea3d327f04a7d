/** The bits of a member's permissions that the page asks for; Discord's numbers. */

export const ADD_REACTIONS = 1n << 6n;
export const MANAGE_MESSAGES = 1n << 13n;
export const SEND_MESSAGES = 1n << 11n;
export const USE_COMMANDS = 1n << 31n;
export const SEND_IN_THREADS = 1n << 38n;

/** Whether the viewer may do this in the channel. */
export function may(channel, bit) {
  return (BigInt(channel?.viewer_permissions ?? 0) & bit) === bit;
}
