/** Figures of what is measured, by group and name. */
export type Figures = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** By how much a figure may differ from the kept one. */
export interface Tolerance {
  /** The share of the kept figure. */
  readonly share: number;
  /** A difference that is ignored however small the figure is. */
  readonly least: number;
}

/**
 * Compares figures with the kept ones.
 *
 * @param kept The figures to compare with.
 * @param measured The current figures.
 * @param unit What is counted.
 * @param tolerance What is ignored.
 * @returns A line for each figure that is new, gone, or larger or smaller by more than the tolerance.
 */
export function compareFigures(kept: Figures, measured: Figures, unit: string, tolerance: Tolerance): string[] {
  return keys(kept, measured).flatMap((group) =>
    keys(kept[group], measured[group]).flatMap((name) => {
      const change = describeChange(kept[group]?.[name], measured[group]?.[name], unit, tolerance);
      return change === undefined ? [] : [`${group} ${name}: ${change}`];
    })
  );
}

/** Formats a figure. */
export function formatFigure(figure: number): string {
  return figure.toLocaleString("en");
}

function keys(...records: readonly (object | undefined)[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record ?? {})))];
}

function describeChange(
  kept: number | undefined,
  measured: number | undefined,
  unit: string,
  { share, least }: Tolerance,
): string | undefined {
  if (kept === undefined) return `new, ${formatFigure(measured!)} ${unit}`;
  if (measured === undefined) return `gone, ${formatFigure(kept)} ${unit} before`;
  const change = measured - kept;
  if (Math.abs(change) <= Math.max(least, kept * share)) return undefined;
  const percent = kept > 0 ? `${(Math.abs(change) / kept * 100).toFixed(1)} % ` : "";
  const direction = change > 0 ? "larger" : "smaller";
  return `${percent}${direction}, ${formatFigure(kept)} → ${formatFigure(measured)} ${unit}`;
}
