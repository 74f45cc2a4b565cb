import { type AnswerOptions, isAnswered } from "../chain/answer.ts";
import type { MaybePromise } from "../chain/eventually.ts";
import type { Presence } from "../chain/field.ts";
import type { Refusal } from "../chain/outcome.ts";
import type { Reference } from "../chain/reference.ts";
import type { Parts } from "../chain/store_kind.ts";
import type { UnknownName } from "../chain/unknown_name.ts";
import type { FieldValues, Nothing } from "./answer.ts";
import type { SharedNotes } from "./shared_notes.ts";

/** What is noted in the context of a look-up, in addition to its value. */
export interface Notes {
  /** How long the answer is used, unless the store's options say otherwise. */
  recheck?: number | undefined;
  /** Why there is nothing: the directory does not exist. */
  missingDirectory?: string | undefined;
  /** The names that are awaited, each with how many pauses in a row preceded its last one; -1 without one. */
  pending?: Map<unknown, number> | undefined;
  /** Whether there was no answer in time. */
  timedOut?: boolean;
  /** What the look-up stated with `answer()`. */
  answered?: AnswerOptions | undefined;
  /** What is known about a shared token. */
  shared?: SharedNotes | undefined;
}

/** Returns the value that a look-up gave, and notes what it stated with `answer()`. */
export function valueOf(given: unknown, context: Notes): unknown {
  if (!isAnswered(given)) return given;
  const { version, expiresAt = Infinity } = context.answered ?? given;
  context.answered = {
    ...given,
    version: version === given.version ? version : undefined,
    expiresAt: Math.min(expiresAt, given.expiresAt ?? Infinity),
  };
  return given.value;
}

/** The context of a look-up, as a shape uses it. */
export interface LookUpContext extends Notes {
  /** Aborted when the look-up's time is up. */
  readonly signal: AbortSignal;
  /** Reads what the mapping of a token store refers to. */
  readonly referred?: (reference: Reference) => string | Refusal;
  /** For a document: whether its plain text is asked for, not the parsed document. */
  text?: boolean;
}

/** A store's look-up, as a shape calls it. */
export type UntypedLook = (what: unknown, context: LookUpContext) => unknown;

/** What a store's `open` gave: its look-up, and what else it can do. */
export interface UntypedOpened {
  readonly look: UntypedLook;
  readonly read?: UntypedLook;
  readonly close?: (context: { readonly signal: AbortSignal; need(name: string): object | undefined }) => unknown;
}

/** The part of a document that a mapping reads. */
export interface DocumentRead {
  readonly name: string;
  /** Whether it is read as plain text, whose only locator is `""`. */
  readonly text: boolean;
  /** The locators of each field, in order of preference. */
  readonly locators: readonly (readonly string[])[];
  /** The paths of all of them; a template has one for each of its parts. */
  readonly paths: readonly Path[];
}

/** The names that lead to a value in a document. */
export type Path = readonly string[];

/** A variable that is neither text nor absent, and what was given for it: a promise or a refusal. */
export interface NotText {
  readonly outcome?: undefined;
  readonly name: string;
  readonly given: unknown;
}

/** A compiled mapping. */
export interface Reader {
  /** Every declared name that it reads. */
  readonly reads: readonly string[];
  /** Which fields it maps, by the field's index. */
  readonly maps: readonly boolean[];
  /** The preferred name of each field. */
  readonly names: readonly (string | undefined)[];
  /** What a token store is asked for. */
  readonly request?: unknown;
  /** The document that it reads. */
  readonly document?: DocumentRead;
  /** Reads the fields with these indices from variables that are text or absent; ends at one that is neither. */
  readTexts?(variable: (name: string) => unknown, wanted: readonly number[]): Nothing | FieldValues | NotText;
  /** Reads the fields with these indices. */
  read(
    look: UntypedLook,
    context: LookUpContext,
    wanted: readonly number[],
  ): MaybePromise<Nothing | FieldValues | Refusal>;
}

/** What a mapping is compiled for. */
export interface Target {
  readonly fields: readonly {
    readonly name: string;
    readonly identity: boolean;
    readonly presence: Presence;
    readonly schema?: unknown;
  }[];
  /** Their names. */
  readonly names: readonly string[];
  /** The readers of every credential in the same store, this one's included once it is compiled. */
  readonly siblings: readonly Reader[];
  /** What the store is. */
  readonly spec: Parts["spec"];
}

/** Reports a mistake: its path, and what was expected, or for an unknown name the known ones. */
export type Complain = (path: string, message: string, unknown?: UnknownName) => void;
