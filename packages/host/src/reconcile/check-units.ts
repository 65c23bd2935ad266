import { AppError } from '@bough/core/app-error.ts';
import type { Layout } from '@bough/core/layout.ts';
import type { Release } from '@bough/core/state/release.ts';
import { plainText } from '@bough/core/text/plain-text.ts';
import type { Systemd } from '../systemd/systemd.ts';

/**
 * Lets systemd read the units of a release before they are linked. Loading them, it would only warn about a limit or a
 * calendar event it cannot read, and run the process without.
 * @throws AppError APP_UNITS with systemd's lines; SYSTEMD_FAILED
 */
export async function checkUnits(
  { layout, systemd }: { readonly layout: Layout; readonly systemd: Systemd },
  { project, branch, seq }: Release,
  units: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const lines = await systemd.verify(
    units.map((unit) => layout.unitFile(unit)),
    signal,
  );
  if (lines.length === 0) return;
  // The folder of the units is not theirs to know, and makes the lines long.
  const log = lines.map((line) => plainText(line.replace(`${layout.units}/`, '')));
  throw new AppError(
    'APP_UNITS',
    `release ${seq} of ${project} ${branch} is not fit to serve: systemd refuses its units: ${log[0]}`,
    { log },
  );
}
