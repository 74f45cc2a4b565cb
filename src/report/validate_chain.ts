import { compile } from "../plan.ts";
import type { AnyChain } from "../insides.ts";

export function validateChain(value: unknown): AnyChain {
  compile(value as AnyChain);
  return value as AnyChain;
}
