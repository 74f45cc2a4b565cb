import { html } from "hono/html";
import type { CredentialDescription, HeldDescription, StoreDescription } from "../describe.ts";
import type { Markup } from "./markup.ts";
import { moment } from "./moment.ts";
import { anchor, inUse } from "./page_summary.ts";
import { type Standing, type Stop, stops, verdict } from "./verdict.ts";

/** One credential: how it stands, its last walk, its fields and who serves each, and its times. */
export function credentialCard(
  credential: CredentialDescription,
  stores: readonly StoreDescription[],
  now: number,
): Markup {
  const { key, fields, anyOf, held, last } = credential;
  const { standing, source, why } = verdict(credential, now);
  const id = anchor(key);
  const walk = stops(credential, stores).map((stop) => walkStop(stop, stop.store === source ? standing : undefined));
  const supply = last?.missing?.length ? html`<p>Supply one of: ${list(last.missing)}</p>` : "";
  const any = anyOf ? html`<p class="quiet">At least one of ${list(anyOf)} must be there.</p>` : "";
  return html`
    <article id="${id}" aria-labelledby="${id}-title" class="${standing}">
      <h3 id="${id}-title">${key}</h3>
      <p class="verdict">${inUse(source, standing)} ${why}.</p>
      ${supply}
      <h4>${last ? html`Last walk, ${moment(last.at, now)}` : "Who will be asked"}</h4>
      <ol role="list" class="walk">${walk}</ol>
      <h4>Fields</h4>
      <ul role="list" class="fields">${fields.map(({ name, presence }) => field(name, presence, held))}</ul>
      ${any} ${held ? times(held, now) : ""}
    </article>
  `;
}

function walkStop({ store, reads, outcome, role, says, ms }: Stop, used: Standing | undefined): Markup {
  const mark = used && html`<span class="mark">${used === "expired" ? "held, expired" : "in use"}</span>`;
  const looks = reads.length > 0 && html`<p class="quiet">looks for ${list(reads)}</p>`;
  return html`
    <li class="${used ? `used ${used}` : outcome} ${role ?? ""}">
      <b>${store}</b> ${mark ?? ""} ${says}${ms === undefined ? "" : ` (${ms} ms)`} ${looks || ""}
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
  return html`
    <dl class="times">
      ${time("Resolved", resolvedAt, now)} ${time("Renews", renewsAt, now)} ${time(
        expired ? "Expired" : "Expires",
        expiresAt,
        now,
      )}
    </dl>
  `;
}

function time(title: string, at: string | undefined, now: number): Markup | "" {
  return at === undefined ? "" : html`
    <div>
      <dt>${title}</dt>
      <dd>${moment(at, now)}</dd>
    </div>
  `;
}

function list(names: readonly string[]): Markup {
  return html`${names.map((name, at) => html`${at > 0 ? ", " : ""}<code>${name}</code>`)}`;
}
