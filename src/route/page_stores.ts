import { html } from "hono/html";
import type { ReferenceDescription, StoreDescription } from "../core/engine/describe.ts";
import { shareText } from "../report/share_text.ts";
import { writtenOptions } from "../report/written_options.ts";
import type { Markup } from "./markup.ts";

const UNREADABLE = { denied: "may not be read", invalid: "is not text", unavailable: "cannot be read" } as const;

/** Renders the stores in the order they are asked, with the reason for each that is off or invalid. */
export function storesSection(stores: readonly StoreDescription[]): Markup {
  return html`
    <section id="chain" aria-labelledby="chain-title">
      <h2 id="chain-title">Stores, in the order they are asked</h2>
      <ol role="list" class="chain">
        ${stores.map(storeItem)}
        <li class="default"><b>the caller's default</b><p>Used only if every store reports that it has none.</p></li>
      </ol>
    </section>
  `;
}

function storeItem(store: StoreDescription): Markup {
  const { name, kind, shape, priority, state, reason, installed, references } = store;
  const properties = [...kind === name ? [] : [kind], shape, `priority ${priority}`, ...installed ? ["installed"] : []];
  const written = writtenOptions(store).map(([name, value]) => `${name}: ${value}`);
  const optionsLine = written.length > 0 ? html`<p class="quiet">${written.join("; ")}</p>` : "";
  const share = shareText(store);
  const shareLine = share ? html`<p class="quiet">Shared by ${share}</p>` : "";
  const reasonLine = reason === undefined ? "" : html`<p>${state === "off" ? "Off" : "Invalid"}: ${reason}</p>`;
  return html`
    <li class="${state}">
      <b>${name}</b> <span class="badge ${state}">${state}</span>
      <p class="quiet">${properties.join(", ")}</p>
      ${reasonLine} ${optionsLine} ${shareLine} ${references.length === 0
        ? ""
        : html`<ul role="list" class="references">${references.map(referenceItem)}</ul>`}
    </li>
  `;
}

function referenceItem({ option, variable, set, unreadable }: ReferenceDescription): Markup {
  const state = unreadable ? UNREADABLE[unreadable] : set ? "is set" : "is not set";
  return html`<li>${option}: <code>${variable}</code> ${state}</li>`;
}
