const DATE_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)? ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;

/**
 * Reads the `Expiration` of an answer. One without a zone is UTC, as with AWS, whatever the zone of this machine.
 *
 * @param text The text of the element.
 * @returns The time in milliseconds since 1970; `NaN` for what is not one.
 */
export function parseExpiration(text: string): number {
  const [, day, time, fraction = "", zone = "Z"] = DATE_TIME.exec(text) ?? [];
  if (day === undefined || !isDay(day)) return NaN;
  // Hint: every runtime parses this form the same way, and other forms differently.
  return Date.parse(`${day}T${time}${fraction.slice(0, 4)}${offset(zone)}`);
}

// Hint: V8 takes the 31st of February for the 3rd of March.
/** Whether a day, written as `2027-01-31`, is in the calendar. */
export function isDay(text: string): boolean {
  return new Date(text).getUTCDate() === Number(text.slice(8));
}

function offset(zone: string): string {
  const [, hours, minutes = "00"] = /^([+-]\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return hours === undefined ? "Z" : `${hours}:${minutes}`;
}
