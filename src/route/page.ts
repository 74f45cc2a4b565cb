import { html, raw } from "hono/html";
import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import { statusOf } from "../report/guidance/credential_status.ts";
import { rate, type RatedCredential, worstFirst } from "../report/guidance/counts.ts";
import { type Filter, filterOf, isFiltering, isShown } from "./filter.ts";
import { type Markup, utcTime } from "./markup.ts";
import { credentialCard } from "./page_credential.ts";
import { countSentence, filterForm } from "./page_filter.ts";
import { script } from "./page_script.ts";
import { storesSection } from "./page_stores.ts";
import { style } from "./page_style.ts";
import { credentialsTable } from "./page_table.ts";
import type { View } from "./view.ts";

const ICON = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E" +
  "%3Ccircle cx='6' cy='6' r='4' fill='none' stroke='%23767' stroke-width='2'/%3E" +
  "%3Cpath d='m9 9 5 5m-2-2 2-2' stroke='%23767' stroke-width='2'/%3E%3C/svg%3E";

/** If there are more credentials than this, they are folded. */
const MAX_UNFOLDED = 20;

/**
 * Renders the page of a chain: how many credentials are available, problems first, the stores in the order asked, and each
 * credential's last walk.
 *
 * @param view What is shown.
 * @param query The query of the page, which may filter the credentials.
 * @returns The HTML document.
 */
export function chainPage(view: View, query: URLSearchParams): Markup {
  const { stores } = view.description;
  const filter = filterOf(query, view.description);
  const all = rate(view.description, view.hints);
  const shown = worstFirst(all.filter((each) => isShown(filter, each)));
  return documentOf(
    "Credentials",
    view,
    all.length === 0 ? html`` : html`${countSentence(all, filter)} ${filterForm(stores, filter)}`,
    html`
      <section aria-labelledby="table-title">
        <h2 id="table-title">Which source is in use</h2>
        ${shownText(all.length, shown.length, filter)} ${shown.length > 0 ? credentialsTable(shown, view) : ""}
      </section>
      ${storesSection(stores, view)} ${shown.length > 0 ? cardsSection(shown, view) : ""}
    `,
  );
}

/**
 * Renders the page of one credential, with the stores that it may come from.
 *
 * @param view What is known about the whole chain.
 * @param credential The credential.
 * @returns The HTML document.
 */
export function credentialPage(view: View, credential: CredentialDescription): Markup {
  const { description, hints } = view;
  const status = statusOf(credential, description, hints);
  const names = storesOf(credential, description);
  return documentOf(
    credential.key,
    view,
    html`<p><a href="../">All credentials</a></p>`,
    html`
      ${cardsSection([{ credential, status }], view)} ${storesSection(
        description.stores.filter(({ name }) => names.has(name)),
        view,
      )}
    `,
  );
}

/** Returns the stores that a credential may come from, and those that their needs may come from, at any depth. */
function storesOf({ from }: CredentialDescription, { stores, credentials }: ChainDescription): ReadonlySet<string> {
  const names = new Set(from.map(({ store }) => store));
  for (const name of names) {
    const { needs = [] } = stores.find((store) => store.name === name) ?? {};
    for (const { from } of credentials.filter(({ key }) => needs.includes(key))) {
      for (const { store } of from) names.add(store);
    }
  }
  return names;
}

function shownText(all: number, shown: number, filter: Filter): Markup | "" {
  if (all === 0) return html`<p>The chain has no credentials.</p>`;
  if (!isFiltering(filter)) return "";
  const text = shown === 0 ? "The filter matches no credential." : `The filter shows ${shown} of ${all}.`;
  return html`<p>${text} <a href="?">Show all</a></p>`;
}

function cardsSection(shown: readonly RatedCredential[], view: View): Markup {
  const isOpen = shown.length <= MAX_UNFOLDED;
  return html`
    <section id="credentials" aria-labelledby="credentials-title" class="${isOpen ? "" : "folded"}">
      <h2 id="credentials-title">Details</h2>
      ${shown.map((each) => credentialCard(each, view, isOpen))}
    </section>
  `;
}

function documentOf(title: string, { hints: { now } }: View, head: Markup, main: Markup): Markup {
  const at = utcTime(new Date(now).toISOString());
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${title}: which source is in use</title>
        <link rel="icon" href="${ICON}">
        <style>${raw(style)}</style>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the credentials</a>
        <header>
          <h1>${title}</h1>
          <p id="live" role="status">As of ${at}. Reload the page to update it.</p>
          ${head}
        </header>
        <main id="main" tabindex="-1">${main}</main>
        <footer>
          <p>This page shows names, sources and times, never a value. Times are UTC.</p>
        </footer>
        <script>${raw(script)}</script>
      </body>
    </html>
  `;
}
