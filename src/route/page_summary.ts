import { html } from "hono/html";
import type { CredentialDescription } from "../describe.ts";
import type { Markup } from "./markup.ts";
import { type Standing, verdict } from "./verdict.ts";

const WORDS: Readonly<Record<Standing, string>> = {
  good: "in use",
  degraded: "degraded",
  expired: "expired",
  missing: "missing",
  stopped: "stopped",
  unasked: "not asked yet",
};

/** The answer in five seconds: each credential, the source in use, and why that one. */
export function summary(credentials: readonly CredentialDescription[], now: number): Markup {
  const rows = credentials.map((credential) => row(credential, now));
  return html`
    <section id="summary" aria-labelledby="summary-title">
      <h2 id="summary-title">Which source is in use</h2>
      ${rows.length === 0 ? html`<p>The chain has no credentials.</p>` : table(rows)}
    </section>
  `;
}

// Hint: the roles are what the elements say already, until a narrow screen lays the rows out as blocks.
function table(rows: readonly Markup[]): Markup {
  const titles = ["Credential", "Source", "Why"].map((title) =>
    html`<th scope="col" role="columnheader">${title}</th>`
  );
  return html`
    <table role="table">
      <thead role="rowgroup">
        <tr role="row">${titles}</tr>
      </thead>
      <tbody role="rowgroup">${rows}</tbody>
    </table>
  `;
}

function row(credential: CredentialDescription, now: number): Markup {
  const { standing, source, why } = verdict(credential, now);
  return html`
    <tr role="row">
      <th scope="row" role="rowheader"><a href="#${anchor(credential.key)}">${credential.key}</a></th>
      <td role="cell">${inUse(source, standing)}</td>
      <td role="cell">${why}</td>
    </tr>
  `;
}

/** The source in use and how it stands, in a word and a mark, never by colour alone. */
export function inUse(source: string | undefined, standing: Standing): Markup {
  const badge = html`<span class="badge ${standing}">${WORDS[standing]}</span>`;
  return source === undefined ? badge : html`<b>${source}</b> ${badge}`;
}

/** The place of a credential on the page. */
export function anchor(key: string): string {
  return `credential-${encodeURIComponent(key).replaceAll("%", ".")}`;
}
