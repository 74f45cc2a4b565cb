/**
 * Reports on a chain and its resolver, as data without any value.
 *
 * @module
 */
export { survey } from "./survey.ts";
