import { createResolver } from "../../../mod.ts";
import { type BenchResolver, envChain, KEY, prefixes, VARIABLES } from "../chains.ts";
import { firstOf, placesOf } from "../floor.ts";
import { awaited, type Contender, type Contest, sync } from "../measure.ts";
import { gather, type Load } from "../peers.ts";
import {
  awsChain,
  type Build,
  convictEnv,
  effectConfig,
  type LayersPeer,
  type Read,
  t3Env,
  unstorageDrivers,
  unstorageOverlay,
} from "../peers/layers.ts";
import { readVariable, setVariables } from "../process.ts";
import { VALUES } from "../values.ts";

const THREE = prefixes(3);
const inRecord: Read = (name) => (VARIABLES as Readonly<Record<string, string>>)[name];

/** Resolves from the environment of the process, after two stores that have nothing. */
export async function coldFromEnv(load?: Load): Promise<Contest> {
  setEnvironment();
  const places = placesOf(THREE);
  return {
    subject: coldResolve(createResolver(envChain(THREE))),
    floor: awaited(() => firstOf(places, readVariable)),
    peers: await all(load, (build) => awaited(build(THREE, readVariable))),
  };
}

/** Resolves from the last of many stores. The variables are in a record, so that only the walk is timed. */
export async function lastOfMany(stores: number, load?: Load): Promise<Contest> {
  setEnvironment();
  const many = prefixes(stores);
  const places = placesOf(many);
  return {
    subject: coldResolve(createResolver(envChain(many), { env: VARIABLES })),
    floor: awaited(() => firstOf(places, inRecord)),
    peers: await layered(load, (build) => awaited(build(many, inRecord))),
  };
}

/** Builds what can be asked of many stores, which the peers declare as they do. The floor makes the names of their variables. */
export async function compile(stores: number, load?: Load): Promise<Contest> {
  setEnvironment();
  const many = prefixes(stores);
  const chain = envChain(many);
  const host = { env: VARIABLES };
  return {
    // Hint: each time a chain of its own, since a program compiles one once.
    subject: sync(() => createResolver({ ...chain }, host), (resolver) => resolver.resolve(KEY)),
    floor: sync(() => placesOf(many), (places) => firstOf(places, inRecord)),
    own: { "declared too": sync(() => createResolver(envChain(many), host), (resolver) => resolver.resolve(KEY)) },
    peers: await layered(load, (build) => sync(() => build(many, inRecord), (ask) => ask()), unstorageDrivers),
  };
}

/** Declares three stores, builds what can be asked of them, and asks it once, of the environment of the process. */
export async function firstResolve(load?: Load): Promise<Contest> {
  setEnvironment();
  return {
    subject: awaited(() => createResolver(envChain(THREE)).resolve(KEY)),
    floor: awaited(() => firstOf(placesOf(THREE), readVariable)),
    own: { "cold resolve": coldResolve(createResolver(envChain(THREE))) },
    peers: await all(load, (build) => awaited(() => build(THREE, readVariable)())),
  };
}

/** Resolves a held credential of a chain with many stores. The floor is the same with one store. */
export async function warmAmong(stores: number): Promise<Contest> {
  const many = createResolver(envChain(prefixes(stores)), { env: VARIABLES });
  const one = createResolver(envChain(prefixes(1)), { env: VARIABLES });
  await Promise.all([many.resolve(KEY), one.resolve(KEY)]);
  return { subject: awaited(() => many.resolve(KEY)), floor: awaited(() => one.resolve(KEY)) };
}

function setEnvironment(): void {
  setVariables({ ...VARIABLES, AWS_ACCESS_KEY_ID: VALUES.client_id, AWS_SECRET_ACCESS_KEY: VALUES.client_secret });
}

/** Resolves without anything held. */
export function coldResolve(resolver: BenchResolver): Contender {
  return awaited(() => {
    resolver.invalidate(KEY);
    return resolver.resolve(KEY);
  });
}

type Contend = (build: Build) => Contender;

/** The peers that have layers of their own. */
function layered(load: Load | undefined, contend: Contend, unstorage: LayersPeer = unstorageOverlay) {
  return gather(
    load,
    named("unstorage overlay", unstorage, contend),
    named("AWS chain", awsChain, contend),
    named("Effect Config", effectConfig, contend),
  );
}

/** The peers with layers, and those for which the fallback is written by hand. */
async function all(load: Load | undefined, contend: Contend) {
  return {
    ...await layered(load, contend),
    ...await gather(load, named("t3-env + valibot", t3Env, contend), named("convict", convictEnv, contend)),
  };
}

function named(name: string, peer: LayersPeer, contend: Contend) {
  return async (load: Load) => ({ [name]: contend(await peer(load)) });
}
