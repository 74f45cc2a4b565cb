import { html } from "hono/html";
import type { ReferenceDescription, StoreDescription } from "../describe.ts";
import type { Markup } from "./markup.ts";

/** The chain as an ordered picture: who is asked first, and what is off and why. */
export function chainPicture(stores: readonly StoreDescription[]): Markup {
  return html`
    <section id="chain" aria-labelledby="chain-title">
      <h2 id="chain-title">Who is asked, in this order</h2>
      <ol role="list" class="chain">
        ${stores.map(picture)}
        <li class="default"><b>the caller's default</b><p>Only where every store says that it has none.</p></li>
      </ol>
    </section>
  `;
}

function picture({ name, kind, shape, priority, state, reason, installed, references }: StoreDescription): Markup {
  const what = [...kind === name ? [] : [kind], shape, `priority ${priority}`, ...installed ? ["installed"] : []];
  const why = reason === undefined ? "" : html`<p>${state === "off" ? "Off" : "Invalid"}: ${reason}</p>`;
  return html`
    <li class="${state}">
      <b>${name}</b> <span class="badge ${state}">${state}</span>
      <p class="quiet">${what.join(", ")}</p>
      ${why} ${references.length === 0
        ? ""
        : html`<ul role="list" class="references">${references.map(reference)}</ul>`}
    </li>
  `;
}

function reference({ option, variable, set }: ReferenceDescription): Markup {
  return html`<li>${option}: <code>${variable}</code> ${set ? "is set" : "is not set"}</li>`;
}
