import { html } from "hono/html";
import type { CredentialDescription, HeldDescription, StoreDescription } from "../describe.ts";
import type { Markup } from "./markup.ts";
import { moment } from "./moment.ts";
import { anchor, badge } from "./page_summary.ts";
import { type Stop, stops, verdict } from "./verdict.ts";

/** One credential: how it stands, its last walk, its fields and who serves each, and its times. */
export function credentialCard(
  credential: CredentialDescription,
  stores: readonly StoreDescription[],
  now: number,
): Markup {
  const { key, held, last } = credential;
  const { standing, source, why } = verdict(credential, now);
  const id = anchor(key);
  return html`
    <article id="${id}" aria-labelledby="${id}-title" class="${standing}">
    <h3 id="${id}-title">${key}</h3>
    <p class="verdict">${source === undefined ? "" : html`
      <b>${source}</b>
    `}${badge(standing)} ${why}.</p>
    ${last?.missing?.length ? html`<p>Supply one of: ${list(last.missing)}</p>` : ""}
    <h4>${last ? html`Last walk, ${moment(last.at, now)}` : "Who will be asked"}</h4>
    <ol class="walk">
    ${stops(credential, stores).map((stop) => walkStop(stop, source))}</ol>
    <h4>Fields</h4>
    <ul class="fields">
    ${credential.fields.map(({ name, presence }) => field(name, presence, held))}</ul>
    ${credential.anyOf ? html`<p class="quiet">At least one of ${list(credential.anyOf)} must be there.</p>` : ""}
    ${held ? times(held, now) : ""}
    </article>
  `;
}

function walkStop({ store, reads, outcome, role, says, ms }: Stop, source: string | undefined): Markup {
  const used = store === source;
  return html`
    <li class="${used ? "used" : outcome} ${role ?? ""}">
    <b>${store}</b> ${used
      ? html`
        <span class="mark">in use</span>
      `
      : ""}${says}${ms === undefined ? "" : ` (${ms} ms)`}
    ${reads.length === 0 ? "" : html`<p class="quiet">looks for ${list(reads)}</p>`}
    </li>
  `;
}

function field(name: string, presence: string, held: HeldDescription | undefined): Markup {
  const from = held && Object.hasOwn(held.fields, name) ? held.fields[name] : undefined;
  const where = from === undefined ? held ? "absent" : "" : html`from <b>${from}</b>`;
  return html`
    <li><code>${name}</code> <span class="quiet">${presence}</span> ${where}</li>
  `;
}

function times({ resolvedAt, renewsAt, expiresAt }: HeldDescription, now: number): Markup {
  const expired = expiresAt !== undefined && Date.parse(expiresAt) <= now;
  return html`<dl class="times">
<div><dt>Resolved</dt><dd>${moment(resolvedAt, now)}</dd></div>
${
    renewsAt === undefined ? "" : html`
      <div>
        <dt>Renews</dt>
        <dd>${moment(renewsAt, now)}</dd>
      </div>
    `
  }
${
    expiresAt === undefined ? "" : html`
      <div>
        <dt>${expired ? "Expired" : "Expires"}</dt>
        <dd>${moment(expiresAt, now)}</dd>
      </div>
    `
  }
</dl>`;
}

function list(names: readonly string[]): Markup {
  return html`${names.map((name, at) => html`${at > 0 ? ", " : ""}<code>${name}</code>`)}`;
}
