/**
 * One machine of a fleet, in a process of its own: it resolves a credential for many callers at once. It prints no value.
 *
 * @module
 */
import { runService } from "../servers/service_main.ts";
import type { Asking, Breaking } from "./machine.ts";
import type { MachineSettings } from "./machine_chain.ts";
import { ServedMachine } from "./served_machine.ts";

await runService(() => {
  let machine: ServedMachine | undefined;
  const close = async (): Promise<void> => await machine?.close();
  const methods = {
    open: async (settings: MachineSettings) => {
      await close();
      machine = new ServedMachine(settings);
    },
    resolve: (asking: Asking) => machine!.resolve(asking),
    refuse: (breaking: Breaking) => machine!.refuse(breaking),
    state: () => machine!.state(),
  };
  return Promise.resolve({ ready: {}, methods, stop: close });
});
