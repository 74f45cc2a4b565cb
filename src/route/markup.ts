import { html, raw } from "hono/html";
import type { StatusTone } from "../report/guidance/credential_status.ts";

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

/** Renders a status as a word, so that colour is not its only sign. */
export function badge(word: string, tone: StatusTone): Markup {
  return html`<span class="badge ${tone}">${word}</span>`;
}

/** Escapes text for HTML. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function nameHtml(text: string): string {
  return `<code>${text.split(/(?<=[_/:#.=?&,-])/).map(escaped).join("<wbr>")}</code>`;
}

/** Renders a name, which breaks only if it is longer than a line, and then after a separator. */
export function name(text: string): Markup {
  return raw(nameHtml(text));
}

/** Renders a text, and the names among its words as names. */
function words(text: string, isName: (word: string) => boolean): Markup {
  return raw(text.split(/(\s+)/).map((word) => isName(word) ? nameHtml(word) : escaped(word)).join(""));
}

/** A word that is a name: it has a separator between two characters, or is longer than ordinary words. */
const NAME = /[^\s_/:#.=][_/:#.=][^\s,;]|\S{24}/;

/** Renders a sentence, with the names in it as names. */
export function sentence(text: string): Markup {
  return words(text, (word) => NAME.test(word));
}

const CONNECTING = ["and", "or", "once", "it", "is", "switched", "on"];

/**
 * Renders names that are listed, such as `USER, and PASSWORD or KEY, once it is switched on`.
 *
 * Hint: a comma is rendered with its name, since a line may break between an inline block and what follows it.
 */
export function listedNames(text: string): Markup {
  return words(text, (word) => /\S/.test(word) && !CONNECTING.includes(word));
}

/** Returns an id for an element on the page, made from any text. */
export function elementId(kind: string, text: string): string {
  return `${kind}-${encodeURIComponent(text.toWellFormed()).replaceAll(".", "%2E").replaceAll("%", ".")}`;
}
