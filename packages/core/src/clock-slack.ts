/** In ms: clocks are set by a little all the time. Only what is further off was set by hand, or by a clock that was wrong. */
export const clockSlackMs = 10_000;
