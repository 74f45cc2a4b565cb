import { html, raw } from "hono/html";
import type { CredentialDescription, HeldDescription } from "../core/engine/describe.ts";
import type { RatedCredential } from "../report/guidance/counts.ts";
import { STATUSES } from "../report/guidance/credential_status.ts";
import { errorLines } from "../report/guidance/error_lines.ts";
import { groupNames } from "../report/guidance/names.ts";
import { waysToSupply } from "../report/guidance/ways.ts";
import { failuresOf } from "../report/needs.ts";
import { badge, elementId, listedNames, type Markup, name, relativeTime, sentence } from "./markup.ts";
import { linesList, waysList } from "./page_guidance.ts";
import { needsSection } from "./page_needs.ts";
import type { View } from "./view.ts";
import { type WalkStep, walkSteps } from "./walk_steps.ts";

/**
 * Renders one credential: its status, what to do, its last walk, what its stores need, its fields with their sources,
 * and its times. Folded, it shows only its key, its status and its source.
 */
export function credentialCard({ credential, status }: RatedCredential, view: View, isOpen: boolean): Markup {
  const { key, fields, anyOf, held, last } = credential;
  const { word, source, detail } = status;
  const { now } = view.hints;
  const { tone } = STATUSES[word];
  const any = anyOf ? html`<p class="quiet">At least one of ${listedNames(anyOf.join(", "))} is required.</p>` : "";
  // Hint: the target of a link is within the folded part, so that following the link makes a browser unfold it.
  return html`
    <article id="${elementId("card", key)}" class="${tone}" aria-label="${key}">
      <details id="${elementId("details", key)}" ${isOpen ? raw("open") : ""}>
        <summary id="${elementId("summary", key)}"><h3>${name(key)}</h3> ${badge(word, tone)} <b>${source ??
          ""}</b></summary>
        <div id="${elementId("credential", key)}">
          ${detail && html`<p>${sentence(detail)}</p>`} ${guidance(credential, word, view)}
          <h4>${last ? html`Last walk, ${relativeTime(last.at, now)}` : "Stores that will be asked"}</h4>
          <ol role="list" class="walk">${walkSteps(credential, view).map((step) =>
            walkItem(step, heldBy(step, credential, now))
          )}</ol>
          ${needsSection(credential, view)}
          <h4>Fields</h4>
          <ul role="list" class="fields">${fields.map(({ name, presence }) => fieldItem(name, presence, held))}</ul>
          ${any} ${held ? timeList(held, now) : ""}
        </div>
      </details>
    </article>
  `;
}

/** Renders what to do about an unavailable credential: how to fix its stores, or how to supply it. */
function guidance(credential: CredentialDescription, word: string, { description, hints }: View): Markup | "" {
  if (word === "error") {
    const told = failuresOf([credential], description)[0]!.credential;
    const lines = errorLines(told, description, hints);
    // Hint: the walk below says why a store failed, so if only one did, the fix is enough here.
    return linesList(told === credential && lines.length === 2 ? lines.slice(1) : lines);
  }
  const ways = word === "missing" || word === "off" ? waysToSupply(credential, description, hints) : [];
  if (ways.length === 0) return "";
  return html`<h4>To supply it${ways.length > 1 ? ", do one of the following" : ""}</h4>${waysList(ways)}`;
}

/** Says whether the held credential came from a store, and whether it may still be used. */
function heldBy({ store }: WalkStep, { held }: CredentialDescription, now: number): "in use" | "expired" | undefined {
  if (held?.source !== store) return undefined;
  return hasExpired(held, now) ? "expired" : "in use";
}

function hasExpired({ expiresAt }: HeldDescription, now: number): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= now;
}

function walkItem({ store, reads, outcome, role, result, ms }: WalkStep, mark: string | undefined): Markup {
  const looksFor = reads.length > 0 &&
    html`<p class="quiet">looks for ${listedNames(groupNames([...new Set(reads)]))}</p>`;
  return html`
    <li class="${mark === "in use" ? "used" : role === "stopped" ? role : outcome}">
      <b>${store}</b> ${sentence(result)}${ms === undefined || ms < 1 ? "" : ` (${Math.round(ms)} ms)`}
      ${mark ? badge(mark, mark === "in use" ? "good" : "warn") : ""} ${looksFor || ""}
    </li>
  `;
}

function fieldItem(field: string, presence: string, held: HeldDescription | undefined): Markup {
  const from = held && Object.hasOwn(held.fields, field) ? held.fields[field] : undefined;
  const where = from === undefined ? held ? "absent" : "" : html`from <b>${from}</b>`;
  return html`
    <li>${name(field)} <span class="quiet">${presence}</span> ${where}</li>
  `;
}

function timeList(held: HeldDescription, now: number): Markup {
  const { resolvedAt, renewsAt, expiresAt, endsWith } = held;
  return html`
    <dl class="times">
      ${timeItem("Resolved", resolvedAt, now)} ${timeItem("Renews", renewsAt, now)}
      ${timeItem(hasExpired(held, now) ? "Expired" : "Expires", expiresAt, now)}
      ${endsWith === undefined ? "" : html`
        <div>
          <dt>Ends with</dt>
          <dd>${name(endsWith)}</dd>
        </div>
      `}
    </dl>
  `;
}

function timeItem(title: string, at: string | undefined, now: number): Markup | "" {
  return at === undefined ? "" : html`
    <div>
      <dt>${title}</dt>
      <dd>${relativeTime(at, now)}</dd>
    </div>
  `;
}
