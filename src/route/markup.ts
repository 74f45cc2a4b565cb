import { html } from "hono/html";

/** HTML in which every interpolated text is escaped. */
export type Markup = ReturnType<typeof html>;

const UNITS = [["day", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1_000]] as const;

/** Formats a time relative to `now`, in milliseconds since 1970, with the absolute time beside it. */
export function relativeTime(iso: string, now: number): Markup {
  return html`<time datetime="${iso}">${distance(Date.parse(iso) - now)} <small>${utcTime(iso)}</small></time>`;
}

/** Formats an ISO 8601 time to the second, in UTC. */
export function utcTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

function distance(ms: number): string {
  const unit = UNITS.find(([, size]) => Math.abs(ms) >= size);
  if (!unit) return "now";
  const count = Math.floor(Math.abs(ms) / unit[1]);
  const text = `${count} ${unit[0]}${unit[0] === "day" && count > 1 ? "s" : ""}`;
  return ms > 0 ? `in ${text}` : `${text} ago`;
}
