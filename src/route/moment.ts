import { html } from "hono/html";
import type { Markup } from "./markup.ts";

const UNITS = [["day", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1_000]] as const;

/** A moment as a reader wants it: how far off it is, and the moment itself. */
export function moment(iso: string, now: number): Markup {
  return html`<time datetime="${iso}">${distance(Date.parse(iso) - now)} <small>${clockTime(iso)}</small></time>`;
}

/** A moment in UTC, which is what logs are compared by. */
export function clockTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

function distance(ms: number): string {
  const unit = UNITS.find(([, size]) => Math.abs(ms) >= size);
  if (!unit) return "now";
  const count = Math.floor(Math.abs(ms) / unit[1]);
  const text = `${count} ${unit[0]}${unit[0] === "day" && count > 1 ? "s" : ""}`;
  return ms > 0 ? `in ${text}` : `${text} ago`;
}
