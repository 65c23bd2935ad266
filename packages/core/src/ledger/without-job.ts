/** How the reason of a line's end begins that is not the end of a job of its own: Redis lost that, or could not keep it. */
export const lost = 'its job was lost';
export const refused = 'it was refused';

/** How such a line ends where something later looked at what it had told of. */
export const overtaken = 'overtaken';

/** The outcomes of lines that never had a job of their own: of what Redis could not keep, of what no delivery told of, and of what was not to be built. */
export const unavailable = 'unavailable';
export const missed = 'missed';
export const ignored = 'ignored';
