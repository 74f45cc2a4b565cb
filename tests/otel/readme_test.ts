import { assert, assertEquals, assertGreater } from "@std/assert";
import { parser } from "npm:@prometheus-io/lezer-promql@^0.315.0";
import { parse } from "npm:yaml@^2.9.1";
import { createResolver, defineChain, denied, env, required, token } from "../../mod.ts";
import { instrument } from "../../src/otel/mod.ts";
import { scriptedStore, testHost } from "../../src/testing/mod.ts";
import { rootUrl } from "../support/closed_network/root.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { telemetry } from "../support/otel/telemetry.ts";
import { Page } from "../support/pages/page.ts";
import { Fleet } from "../support/share/fleet.ts";

const PAGE = new Page("src/otel/README.md");
const HOUR = 3_600_000;

/** What a store of rules and a dashboard consist of. */
interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly expr: string; readonly annotations: object }[];
  }[];
}
interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

/** Measures all that there is: what is found, degraded and failed, renewed and not, and a fleet with its engine and without. */
async function everything(sdk: ReturnType<typeof telemetry>): Promise<void> {
  const fleet = new Fleet();
  const [first, second, third] = fleet.add(3);
  const script = scriptedStore({ shape: token, answer: { values: { token: "planted" }, expiresIn: 3_600 } });
  const host = testHost();
  const resolver = createResolver(
    defineChain({
      stores: { m2m: script.store({ priority: 2, onDenied: "next" }), env: env({ priority: 1 }) },
      credentials: { "a:b": { fields: { token: required() }, from: { m2m: true, env: { prefix: "A_" } } } },
    }),
    host,
  );
  for (const each of [resolver, first!.resolver, second!.resolver, third!.resolver]) instrument(each, sdk);
  await fleet.tokens([first!]);
  await fleet.tokens([second!]);
  fleet.register.fault = () => ({ refused: new Error("ECONNREFUSED") });
  await fleet.tokens([third!]);
  await resolver.resolve("a:b");
  script.answer = denied("refused");
  await host.clock.advance(HOUR);
  await rejection(resolver.resolve("a:b"));
  host.env.A_TOKEN = "planted too";
  await host.clock.advance(HOUR);
  await resolver.resolve("a:b");
}

/** Returns the labels of every series that Prometheus reads, by its name. */
async function exported(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  await using sdk = telemetry();
  await everything(sdk);
  const labels = new Map<string, Set<string>>();
  for (const [, name, inside] of (await sdk.prometheus()).matchAll(/^(credential_\w+)\{(.*)\} /gm)) {
    const known = labels.get(name!) ?? new Set();
    labels.set(name!, known);
    for (const [, label] of inside!.matchAll(/(\w+)="/g)) known.add(label!);
  }
  return labels;
}

/** Checks that a query is PromQL, and that it asks for series and labels which there are. */
function checkQuery(query: string, known: ReadonlyMap<string, ReadonlySet<string>>, what: string): void {
  const expr = query.replaceAll("$__rate_interval", "5m");
  let errors = 0;
  const labels: string[] = [];
  const names: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      const text = expr.slice(from, to);
      if (type.isError) errors++;
      if (type.name === "Identifier") names.push(text);
      if (type.name === "LabelName") labels.push(text);
    },
  });
  // Hint: the collector names the unit too, which the exporter of JavaScript leaves out.
  const byPattern = [...expr.matchAll(/__name__=~"(\w+)\(_seconds\)\?"/g)].map(([, name]) => name!);
  const asked = [...names, ...byPattern].filter((name) => name.startsWith("credential_"));
  assertEquals(errors, 0, `${what}: ${expr}`);
  assertGreater(asked.length, 0, what);
  for (const name of asked) assert(known.has(name), `${what}: there is no ${name}`);
  const all = new Set(asked.flatMap((name) => [...known.get(name)!]));
  for (const label of labels) assert(all.has(label) || label === "__name__", `${what}: there is no label ${label}`);
}

Deno.test("the table of metrics has every metric with its kind, its unit and its attributes, and no other", async () => {
  await using sdk = telemetry();
  await everything(sdk);
  const { resourceMetrics } = await sdk.collect();
  const rows = [...PAGE.text.matchAll(/^\| `([\w.]+)` +\| (\w+) +\| `(.+?)` +\| (.+?) +\|$/gm)].map((
    [, name, kind, unit, attributes],
  ) => [name, kind, unit, [...attributes!.matchAll(/`([\w.]+)`/g)].map(([, each]) => each!).sort()]);
  const metrics = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  const byName = new Map<string, readonly unknown[]>();
  for (const { descriptor, dataPoints } of metrics) {
    const kind = descriptor.name.endsWith("expiry") ? "gauge" : "counter";
    const known = byName.get(descriptor.name)?.[3] as string[] ?? [];
    const attributes = [...new Set([...known, ...dataPoints.flatMap(({ attributes }) => Object.keys(attributes))])];
    byName.set(descriptor.name, [descriptor.name, kind, descriptor.unit, attributes.sort()]);
  }
  assertEquals(rows.toSorted(), [...byName.values()].toSorted());
});

Deno.test("the rules are YAML that Prometheus reads, and ask for series and labels that are exported", async () => {
  const known = await exported();
  const [text] = PAGE.blocks("Alerts", "yaml");
  const { groups } = parse(text) as Rules;
  const rules = groups.flatMap(({ rules }) => rules);
  assertEquals(rules.length, 5);
  for (const { alert, expr, annotations } of rules) {
    checkQuery(expr, known, alert);
    const grouped = /by \(([\w, ]+)\)/.exec(expr)![1]!.split(", ");
    const shown = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label!);
    assertEquals(shown.filter((label) => !grouped.includes(label)), [], `${alert} shows what its query does not give`);
  }
});

Deno.test("every panel of the dashboard asks for series and labels that are exported", async () => {
  const known = await exported();
  const dashboard: Dashboard = JSON.parse(Deno.readTextFileSync(new URL("src/otel/dashboard.json", rootUrl)));
  const targets = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));
  assertEquals(targets.length, 7);
  for (const { title, expr } of targets) checkQuery(expr, known, title);
  const asked = targets.map(({ expr }) => expr).join();
  assertEquals([...known.keys()].filter((name) => !asked.includes(name)), [], "metrics that no panel shows");
});
