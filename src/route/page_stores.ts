import { html } from "hono/html";
import type { ReferenceDescription, StoreDescription } from "../core/engine/describe.ts";
import type { StatusTone } from "../report/guidance/credential_status.ts";
import { waysToSwitchOn } from "../report/guidance/switching_on.ts";
import { shareText } from "../report/share_text.ts";
import { UNREADABLE, writtenOptions } from "../report/written_options.ts";
import { badge, elementId, type Markup, name, sentence } from "./markup.ts";
import { waysList } from "./page_guidance.ts";
import type { View } from "./view.ts";

const TONES: Readonly<Record<StoreDescription["state"], StatusTone>> = { on: "good", off: "faint", invalid: "bad" };

/** If a store has more variables than this, they are folded. */
const MAX_UNFOLDED = 4;

/** Renders stores in the order they are asked, each with why it is off or invalid, and all that it takes to switch it on. */
export function storesSection(stores: readonly StoreDescription[], view: View): Markup {
  return html`
    <section aria-labelledby="chain-title">
      <h2 id="chain-title">Stores, in the order they are asked</h2>
      <ol role="list" class="chain">
        ${stores.map((store) => storeItem(store, view))}
        <li class="default"><div><h3>the caller's default</h3></div><div><p>Used only if every store reports that it has none.</p></div></li>
      </ol>
    </section>
  `;
}

function storeItem(store: StoreDescription, view: View): Markup {
  const { name, kind, shape, priority, state, reason, installed, references } = store;
  const properties = [...kind === name ? [] : [kind], shape, `priority ${priority}`, ...installed ? ["installed"] : []];
  const written = writtenOptions(store).map(([name, value]) => `${name}: ${value}`);
  const share = shareText(store);
  const directory = view.hints.directories[name];
  const notes = [
    ...directory ? [`directory: ${directory}`] : [],
    ...written.length > 0 ? [written.join("; ")] : [],
    ...share ? [`Shared by ${share}`] : [],
  ];
  const isSwitched = name in view.hints.switches;
  return html`
    <li id="${elementId("store", name)}" class="${state}">
      <div><h3>${name}</h3> ${badge(state, TONES[state])} <span class="quiet">${properties.join(", ")}</span></div>
      <div>
        ${reason === undefined || isSwitched ? "" : html`<p>${sentence(reason)}</p>`}
        ${isSwitched ? switchText(name, view) : ""}
        ${notes.map((note) => html`<p class="quiet">${sentence(note)}</p>`)}
        ${references.length > 0 ? variablesOf(store) : ""}
      </div>
    </li>
  `;
}

function switchText(store: string, { description, hints }: View): readonly Markup[] {
  return waysToSwitchOn(new Set([store]), description, hints).map(({ set, supplied }) => {
    const needs = supplied.map(({ key, ways }) => html`<p>${name(key)} by</p>${waysList(ways)}`);
    return html`<p>To switch it on: ${sentence(set)}</p>${needs}`;
  });
}

/** Renders the variables that a store refers to; many are folded behind a count of those that are set. */
function variablesOf({ name: store, references }: StoreDescription): Markup {
  const variables = html`<ul role="list">${references.map(referenceItem)}</ul>`;
  if (references.length <= MAX_UNFOLDED) return variables;
  const set = references.filter(({ set }) => set).length;
  const unreadable = references.filter(({ unreadable }) => unreadable).length;
  const count = `${set} of ${references.length} variables set${unreadable > 0 ? `, ${unreadable} cannot be read` : ""}`;
  return html`<details id="${elementId("variables", store)}"><summary>${count}</summary>${variables}</details>`;
}

function referenceItem({ option, variable, set, unreadable }: ReferenceDescription): Markup {
  const state = unreadable ? UNREADABLE[unreadable] : set ? "is set" : "is not set";
  return html`<li>${sentence(option)}: ${name(variable)} ${state}</li>`;
}
