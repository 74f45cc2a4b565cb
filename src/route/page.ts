import { html, raw } from "hono/html";
import type { ChainDescription } from "../core/engine/describe.ts";
import { type Markup, utcTime } from "./markup.ts";
import { credentialCard } from "./page_credential.ts";
import { script } from "./page_script.ts";
import { storesSection } from "./page_stores.ts";
import { style } from "./page_style.ts";
import { summarySection } from "./page_summary.ts";

const ICON = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E" +
  "%3Ccircle cx='6' cy='6' r='4' fill='none' stroke='%23767' stroke-width='2'/%3E" +
  "%3Cpath d='m9 9 5 5m-2-2 2-2' stroke='%23767' stroke-width='2'/%3E%3C/svg%3E";

/**
 * Renders the page: which source is in use and why, the stores in the order asked, and each credential's last walk.
 *
 * @param description The description of the chain.
 * @param now The current time, in milliseconds since 1970.
 * @param key The key of the only credential on the page, if it shows only one.
 * @returns The HTML document.
 */
export function page(description: ChainDescription, now: number, key?: string): Markup {
  const credentials = description.credentials.filter((credential) => key === undefined || credential.key === key);
  const stores = description.stores.filter(({ name }) =>
    key === undefined || credentials.some(({ from }) => from.some(({ store }) => store === name))
  );
  const at = utcTime(new Date(now).toISOString());
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${key ?? "Credentials"}: which source is in use</title>
        <link rel="icon" href="${ICON}">
        <style>${raw(style)}</style>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the credentials</a>
        <header>
          <h1>${key ?? "Credentials"}</h1>
          ${key === undefined ? "" : html`<p><a href="../">All credentials</a></p>`}
          <p id="live" role="status">As of ${at}. Reload the page to update it.</p>
        </header>
        <main id="main" tabindex="-1">
          ${summarySection(credentials, now, description)} ${storesSection(stores)}
          <section id="credentials" aria-labelledby="credentials-title">
            <h2 id="credentials-title">${key === undefined ? "Every credential" : "Its last walk"}</h2>
            ${credentials.map((credential) => credentialCard(credential, now, description))}
          </section>
        </main>
        <footer>
          <p>This page shows names, sources and times, never a value. Times are UTC.</p>
        </footer>
        <script>${raw(script)}</script>
      </body>
    </html>
  `;
}
