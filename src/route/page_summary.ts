import { html } from "hono/html";
import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import type { Markup } from "./markup.ts";
import { type State, statusOf } from "./status.ts";

const LABELS: Readonly<Record<State, string>> = {
  good: "in use",
  degraded: "degraded",
  expired: "expired",
  missing: "missing",
  stopped: "stopped",
  unasked: "not asked yet",
};

/** Renders the table of credentials: the source in use of each, and the reason. */
export function summarySection(
  credentials: readonly CredentialDescription[],
  now: number,
  description: ChainDescription,
): Markup {
  const rows = credentials.map((credential) => row(credential, now, description));
  return html`
    <section id="summary" aria-labelledby="summary-title">
      <h2 id="summary-title">Which source is in use</h2>
      ${rows.length === 0 ? html`<p>The chain has no credentials.</p>` : table(rows)}
    </section>
  `;
}

// Hint: the roles are explicit, since elements lose them when a narrow screen lays the rows out as blocks.
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

function row(credential: CredentialDescription, now: number, description: ChainDescription): Markup {
  const { state, source, reason } = statusOf(credential, now, description);
  return html`
    <tr role="row">
      <th scope="row" role="rowheader"><a href="#${anchor(credential.key)}">${credential.key}</a></th>
      <td role="cell">${sourceBadge(source, state)}</td>
      <td role="cell">${reason}</td>
    </tr>
  `;
}

/** Renders the source in use and its state as text, so that the state is not shown by colour alone. */
export function sourceBadge(source: string | undefined, state: State): Markup {
  const badge = html`<span class="badge ${state}">${LABELS[state]}</span>`;
  return source === undefined ? badge : html`<b>${source}</b> ${badge}`;
}

/** The id of a credential's element on the page. */
export function anchor(key: string): string {
  return `credential-${encodeURIComponent(key).replaceAll("%", ".")}`;
}
