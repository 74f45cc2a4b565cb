import type { Permissions } from "../../../mod.ts";
import { variablesHarness } from "./desk.ts";
import type { Flaws, Open } from "./flaws.ts";

const permitting = (permissions: () => unknown): Open => () =>
  variablesHarness(undefined, permissions as () => Permissions);

/** Stores that say what cannot be of their permissions. */
export const PERMISSIONS_FLAWS: Flaws = {
  "declares the permissions that it needs before it is opened, in the form that the runtime takes": [
    [
      "gives a URL as a host",
      permitting(() => ({ net: ["https://desk.example"] })),
      /net as a list of hosts, with a port/,
    ],
    ["gives no host where its URL is not known", permitting(() => ({ net: [undefined] })), /net as a list of hosts/],
    [
      "gives a program with its arguments",
      permitting(() => ({ run: ["op read"] })),
      /run as a list of programs, without arguments/,
    ],
    ["gives a name and not a list", permitting(() => ({ env: "HOME" })), /env as a list of names of variables/],
    ["gives an empty path", permitting(() => ({ read: [""] })), /read as a list of paths/],
    [
      "gives a permission that there is not",
      permitting(() => ({ network: ["desk.example"] })),
      /permissions\(\) of only env, read, net, run/,
    ],
    ["has to wait for them", permitting(() => Promise.resolve({})), /permissions\(\) to return at once/],
  ],
  "uses no variable or host that its permissions do not list": [
    [
      "asks a host that is not declared",
      permitting(() => ({ net: ["other.example"] })),
      /each host that is asked to be in net/,
    ],
    ["reads a variable that is not declared", () =>
      variablesHarness((correct, { variable }) => ({
        read: async (names: never, context: never) => (await variable("DESK_REGION"), correct.read(names, context)),
      }), () => ({ net: ["desk.example"] })), /each variable that is read to be in env/],
  ],
};
