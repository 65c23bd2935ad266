/** Arms a point of the worker: `SIGKILL at NUMBER NONCE`, `SIGKILL at PREFIX` or `SIGSTOP at PREFIX`. Below the one folder of `/run` the worker may write in. */
export const armed = '/run/bough/point-armed';

/** The names of the points the worker has passed since one was armed, a line each. */
export const passed = '/run/bough/points-passed';

/** The names of the points at which the worker ended, a line each. */
export const reached = '/run/bough/points-reached';

/** By how many milliseconds the clocks of worker and receiver are wrong. Where the receiver may read too. */
export const clockOffset = '/etc/bough/clock-offset';

/** While it is there, the next worker takes no builds; see `take-no-builds.ts`. */
export const takesNoBuilds = '/run/bough/takes-no-builds';
