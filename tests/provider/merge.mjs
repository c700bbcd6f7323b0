// A patch laid over a JSON object; null removes a member (one level of RFC 7396).
export const merged = (object, patch) => Object.fromEntries(
  Object.entries({ ...object, ...patch }).filter(([, value]) => value !== null));
