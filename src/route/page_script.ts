/**
 * Keeps the page live: it fetches itself again and changes only what differs, so that focus, selection and the place on
 * the page stay, and it says when its server does not answer.
 *
 * Hint: the address is built without user info, with which a browser refuses to fetch.
 */
export const script = `"use strict";
(() => {
  const PERIOD = 5000;
  const PATIENCE = 10000;
  const live = document.getElementById("live");
  const title = document.title;
  const address = location.origin + location.pathname + location.search;
  let timer;
  let lostAt;

  const clock = () => new Date().toISOString().slice(11, 19) + " UTC";

  const say = (state, text) => {
    document.documentElement.dataset.live = state;
    document.title = state === "on" ? title : "(" + state + ") " + title;
    if (live.textContent !== text) live.textContent = text;
  };

  const morph = (old, fresh) => {
    if (old.isEqualNode(fresh)) return;
    const alike = old.nodeName === fresh.nodeName && old.childNodes.length === fresh.childNodes.length;
    if (!alike || old.id !== fresh.id) return old.replaceWith(document.importNode(fresh, true));
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.nodeValue = fresh.nodeValue;
      return;
    }
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    [...old.childNodes].forEach((child, at) => morph(child, fresh.childNodes[at]));
  };

  const load = async () => {
    const answer = await fetch(address, {
      headers: { Accept: "text/html" },
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.status === 401) return "refused";
    if (!answer.ok) return "lost";
    const main = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main#main");
    if (!main) return "lost";
    morph(document.getElementById("main"), main);
    return "on";
  };

  const refresh = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    const state = await load().catch(() => "lost");
    if (state === "refused") {
      return say("refused", "The server no longer takes this sign-in. Reload the page to sign in again.");
    }
    if (state === "on") {
      lostAt = undefined;
      say("on", "Live: what changes shows up here within " + PERIOD / 1000 + " seconds.");
    } else {
      lostAt ??= clock();
      say("lost", "The server has not answered since " + lostAt + ". This is what was known then; trying again.");
    }
    timer = setTimeout(refresh, PERIOD);
  };

  document.addEventListener("visibilitychange", refresh);
  refresh();
})();
`;
