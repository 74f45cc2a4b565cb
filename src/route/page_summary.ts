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
  return html`<section id="summary" aria-labelledby="summary-title">
<h2 id="summary-title">Which source is in use</h2>
${credentials.length === 0 ? html`<p>The chain has no credentials.</p>` : table(credentials, now)}
</section>`;
}

function table(credentials: readonly CredentialDescription[], now: number): Markup {
  return html`
    <table>
      <thead>
        <tr>
          <th scope="col">Credential</th>
          <th scope="col">Source</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
    ${credentials.map((credential) => {
      const { standing, source, why } = verdict(credential, now);
      return html`
        <tr>
          <th scope="row"><a href="#${anchor(credential.key)}">${credential.key}</a></th>
          <td>${source === undefined ? "" : html`
            <b>${source}</b>
          `}${badge(standing)}</td>
          <td>${why}</td>
        </tr>
      `;
    })}</tbody>
    </table>
  `;
}

/** How a credential stands, in a word and a mark, never by colour alone. */
export function badge(standing: Standing): Markup {
  return html`<span class="badge ${standing}">${WORDS[standing]}</span>`;
}

/** The place of a credential on the page. */
export function anchor(key: string): string {
  return `credential-${encodeURIComponent(key).replaceAll("%", ".")}`;
}
