// A failure that its reader can act on: what, why, and what to do.
export class Trouble extends Error {
  constructor(what, reason, remedy) {
    super(`${what}: ${reason}; ${remedy}`);
  }
}
