import { html } from "hono/html";
import type { ChainDescription, CredentialDescription, HeldDescription } from "../core/engine/describe.ts";
import { type Markup, relativeTime } from "./markup.ts";
import { needsSection } from "./page_needs.ts";
import { anchor, sourceBadge } from "./page_summary.ts";
import { type State, statusOf, type WalkStep, walkSteps } from "./status.ts";

/** Renders one credential: its status, its last walk, what its stores need, its fields with their sources, and its times. */
export function credentialCard(
  credential: CredentialDescription,
  now: number,
  description: ChainDescription,
): Markup {
  const { key, fields, anyOf, held, last } = credential;
  const { state, source, reason } = statusOf(credential, now, description);
  const id = anchor(key);
  const walk = walkSteps(credential, description.stores).map((step) =>
    walkItem(step, step.store === source ? state : undefined)
  );
  const supply = last?.missing?.length ? html`<p>Supply one of: ${list(last.missing)}</p>` : "";
  const any = anyOf ? html`<p class="quiet">At least one of ${list(anyOf)} is required.</p>` : "";
  return html`
    <article id="${id}" aria-labelledby="${id}-title" class="${state}">
      <h3 id="${id}-title">${key}</h3>
      <p class="verdict">${sourceBadge(source, state)} ${reason}.</p>
      ${supply}
      <h4>${last ? html`Last walk, ${relativeTime(last.at, now)}` : "Stores that will be asked"}</h4>
      <ol role="list" class="walk">${walk}</ol>
      ${needsSection(credential, now, description)}
      <h4>Fields</h4>
      <ul role="list" class="fields">${fields.map(({ name, presence }) => fieldItem(name, presence, held))}</ul>
      ${any} ${held ? timeList(held, now) : ""}
    </article>
  `;
}

function walkItem({ store, reads, outcome, role, result, ms }: WalkStep, used: State | undefined): Markup {
  const mark = used && html`<span class="mark">${used === "expired" ? "held, expired" : "in use"}</span>`;
  const looksFor = reads.length > 0 && html`<p class="quiet">looks for ${list(reads)}</p>`;
  return html`
    <li class="${used ? `used ${used}` : outcome} ${role ?? ""}">
      <b>${store}</b> ${mark ?? ""} ${result}${ms === undefined ? "" : ` (${ms} ms)`} ${looksFor || ""}
    </li>
  `;
}

function fieldItem(name: string, presence: string, held: HeldDescription | undefined): Markup {
  const from = held && Object.hasOwn(held.fields, name) ? held.fields[name] : undefined;
  const where = from === undefined ? held ? "absent" : "" : html`from <b>${from}</b>`;
  return html`
    <li><code>${name}</code> <span class="quiet">${presence}</span> ${where}</li>
  `;
}

function timeList({ resolvedAt, renewsAt, expiresAt }: HeldDescription, now: number): Markup {
  const expired = expiresAt !== undefined && Date.parse(expiresAt) <= now;
  return html`
    <dl class="times">
      ${timeItem("Resolved", resolvedAt, now)} ${timeItem("Renews", renewsAt, now)} ${timeItem(
        expired ? "Expired" : "Expires",
        expiresAt,
        now,
      )}
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

function list(names: readonly string[]): Markup {
  return html`${names.map((name, at) => html`${at > 0 ? ", " : ""}<code>${name}</code>`)}`;
}
