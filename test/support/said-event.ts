import type { ForgeEvent, TouchedFiles } from '@bough/core/forge/event.ts';

/** An event in plain data: with the files themselves. */
export type SaidEvent<Event = ForgeEvent> = Event extends { files: unknown }
  ? Omit<Event, 'files'> & { readonly files: TouchedFiles }
  : Event;

export function said(event: ForgeEvent | undefined): SaidEvent | undefined {
  return event?.kind === 'push' ? { ...event, files: event.files() } : event;
}
