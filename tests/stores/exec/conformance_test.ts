import type { Store } from "../../../mod.ts";
import { partsOf, storeKind } from "../../../src/core/chain/store_kind.ts";
import { credentialProcess, exec, execCredential, type ExecOptions } from "../../../src/stores/exec/mod.ts";
import { conformance, type ConformanceLimit, type StoreHarness } from "../../../src/testing/mod.ts";
import { makeDirectory } from "../../support/fixtures/directory.ts";
import { writeProgram } from "../../support/fixtures/programs.ts";

function test(kind: string, open: () => StoreHarness, cannot?: readonly ConformanceLimit[]): void {
  for (const { name, run } of conformance(kind, open, cannot)) Deno.test(name, run);
}

/** Writes a program that prints a file, or does what a test says instead. */
function makePrinter() {
  const directory = makeDirectory();
  const printed = `${directory.path}/printed`;
  const instead = `${directory.path}/instead`;
  const program = writeProgram(directory.path, "prints", `[ ! -e ${instead} ] || . ${instead}\ncat ${printed}`);
  const does = (script: string) => Deno.writeTextFileSync(instead, `${script}\n`);
  return {
    command: [program] as ExecOptions["command"],
    host: { env: { PATH: "/usr/bin:/bin" } },
    print: (value: unknown) => Deno.writeTextFileSync(printed, JSON.stringify(value)),
    place: {
      deny: () => Deno.chmodSync(program, 0o000),
      break: () => does("echo '{'; exit 0"),
      disconnect: () => does("exit 1"),
      stall: () => does("sleep 60"),
      close: directory.remove,
    },
  };
}

// Hint: printing nothing is a failure of a program, so that no text says that there is nothing.
/** Creates the same store of JSON alone. */
function withoutText(store: Store<"document", never>): Store {
  const { spec, options, uses } = partsOf(store)!;
  const { text: _, ...ofJson } = spec;
  return storeKind(ofJson, uses)(options as never) as unknown as Store;
}

test("exec", () => {
  const { command, host, print, place } = makePrinter();
  return {
    store: (options) => withoutText(exec({ ...options, command })),
    from: "kit",
    host,
    put: print,
    remove: () => print(null),
    ...place,
  };
}, ["leases"]);

test("credentialProcess", () => {
  const { command, host, print, place } = makePrinter();
  const put = () =>
    print({
      Version: 1,
      AccessKeyId: crypto.randomUUID(),
      SecretAccessKey: crypto.randomUUID(),
      Expiration: "2999-01-01T00:00:00Z",
    });
  return {
    store: (options) => credentialProcess({ ...options, command }),
    from: { fields: { user: "access_key", password: "secret_key", note: "session_token" } },
    host,
    put,
    remove: () => {},
    ...place,
  };
}, ["put", "part", "leases"]);

test("execCredential", () => {
  const { command, host, print, place } = makePrinter();
  const put = () =>
    print({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: {
        clientCertificateData: crypto.randomUUID(),
        clientKeyData: crypto.randomUUID(),
        expirationTimestamp: "2999-01-01T00:00:00Z",
      },
    });
  return {
    store: (options) => execCredential({ ...options, command }),
    from: { fields: { user: "clientCertificateData", password: "clientKeyData", note: "token" } },
    host,
    put,
    remove: () => {},
    ...place,
  };
}, ["put", "part", "leases"]);
