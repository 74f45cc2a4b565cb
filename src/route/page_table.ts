import { html } from "hono/html";
import type { RatedCredential } from "../report/guidance/counts.ts";
import { STATUSES, type StatusWord } from "../report/guidance/credential_status.ts";
import { errorGroups } from "../report/guidance/error_groups.ts";
import { grouped } from "../report/guidance/grouped.ts";
import { badge, elementId, type Markup, name, sentence } from "./markup.ts";
import { linesList } from "./page_guidance.ts";
import type { View } from "./view.ts";

/** Renders the shown credentials, worst first, as a table, with one row for those about which the same is said. */
export function credentialsTable(shown: readonly RatedCredential[], { description, hints }: View): Markup {
  const statuses = new Map(shown.map(({ credential: { key }, status }) => [key, status]));
  const keysCell = (keys: readonly string[], dependants: readonly string[] = []) => {
    const so = dependants.length > 0 ? html`<span class="quiet">and so</span> ${links(dependants, statuses)}` : "";
    return html`${links(keys, statuses, so ? "," : "")} ${so}`;
  };
  const withError = (isFailed: boolean) =>
    shown.filter(({ status }) => (status.word === "error") === isFailed).map(({ credential }) => credential);
  const errors = errorGroups(withError(true), description, hints)
    .map(({ keys, dependants, lines }) => row("error", keysCell(keys, dependants), "", linesList(lines)));
  const alike = grouped(withError(false), ({ key }) => statuses.get(key)!)
    .map(({ keys, told: { word, source = "", detail } }) => row(word, keysCell(keys), source, sentence(detail)));
  return table([...errors, ...alike]);
}

// Hint: the roles are explicit, since elements lose them when a narrow screen lays the rows out as blocks.
function table(rows: readonly Markup[]): Markup {
  const titles = ["Status", "Credential", "Source", "Detail"].map((title) =>
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

function row(word: StatusWord, keys: Markup, source: string, detail: Markup): Markup {
  return html`
    <tr role="row">
      <td role="cell">${badge(word, STATUSES[word].tone)}</td>
      <th scope="row" role="rowheader">${keys}</th>
      <td role="cell"><b>${source}</b></td>
      <td role="cell">${detail}</td>
    </tr>
  `;
}

/** Renders links to credentials; a credential that the filter leaves out is linked to a page that shows it. */
function links(keys: readonly string[], shown: ReadonlyMap<string, unknown>, end = ""): Markup {
  const items = keys.map((key, at) => {
    const href = shown.has(key) ? `#${elementId("credential", key)}` : `?${new URLSearchParams({ q: key })}`;
    const link = html`<a id="${elementId("to", key)}" href="${href}">${name(key)}</a>`;
    // Hint: a comma is in the same element as its link, so that no line begins with it.
    return html`
      <span>${link}${at < keys.length - 1 ? "," : end}</span>
    `;
  });
  return html`${items}`;
}
