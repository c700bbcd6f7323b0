// What was recorded of a provider (README.md says where), and what tests make of it.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const read = (name, file) => JSON.parse(readFileSync(join(here, name, file), 'utf8'));

export function recorded(name) {
  return {
    name,
    discovery: read(name, 'discovery.json'),
    jwks: read(name, 'jwks.json'),
    headers: read(name, 'token-header.json'), // the text of a header, as it was sent
    claims: read(name, 'claims.json'), // of each kind of token; an opaque one is a string
  };
}
