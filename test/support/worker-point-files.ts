/** Arms a point of the worker: `SIGKILL at NUMBER NONCE` or `SIGSTOP at PREFIX`. Below the one folder of `/run` the worker may write in. */
export const armed = '/run/bough/point-armed';

/** The names of the points at which the worker ended, a line each. */
export const reached = '/run/bough/points-reached';

/** By how many milliseconds the worker's clock is wrong. */
export const clockOffset = '/run/bough/clock-offset';
