import { html } from "hono/html";
import { type RatedCredential, worstFirst } from "../report/guidance/counts.ts";
import { STATUSES, type StatusWord } from "../report/guidance/credential_status.ts";
import { errorGroups } from "../report/guidance/error_groups.ts";
import { grouped } from "../report/guidance/grouped.ts";
import { badge, elementId, type Markup, name, sentence } from "./markup.ts";
import { linesList } from "./page_guidance.ts";
import type { View } from "./view.ts";

/** Renders the credentials that are shown as a table, worst first: one row for those of which the same is told. */
export function credentialsTable(shown: readonly RatedCredential[], { description, hints }: View): Markup {
  const failed = shown.filter(({ status }) => status.word === "error");
  const others = worstFirst(shown).filter((each) => !failed.includes(each));
  const statuses = new Map(others.map(({ credential: { key }, status }) => [key, status]));
  const errors = errorGroups(failed.map(({ credential }) => credential), description, hints)
    .map(({ keys, dependants, lines }) => row("error", keysCell(keys, dependants), "", linesList(lines)));
  const alike = grouped(others.map(({ credential }) => credential), ({ key }) => statuses.get(key)!)
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

function keysCell(keys: readonly string[], dependants: readonly string[] = []): Markup {
  const so = dependants.length > 0
    ? html`
      <span class="quiet">and so</span> ${links(dependants)}
    `
    : "";
  return html`${links(keys, so ? "," : "")}${so}`;
}

// Hint: each comma is in one element with its link, so that no line begins with it.
function links(keys: readonly string[], end = ""): Markup {
  return html`${
    keys.map((key, at) =>
      html`
        <span>${credentialLink(key)}${at < keys.length - 1 ? "," : end}</span>
      `
    )
  }`;
}

function credentialLink(key: string): Markup {
  return html`<a id="${elementId("to", key)}" href="#${elementId("credential", key)}">${name(key)}</a>`;
}
