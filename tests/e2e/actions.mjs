// What a runner of GitHub Actions has for its job: an address where a token can be asked for, with a
// secret, for an audience. `actions.mjs SECRET AUDIENCE TOKEN-FILE` prints the address and serves
// until it is ended; whoever asks in another way gets no token.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [secret, audience, file] = process.argv.slice(2);

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://127.0.0.1');
  const asked = request.headers.authorization === `bearer ${secret}`
    && url.searchParams.get('api-version') === '2.0' && url.searchParams.get('audience') === audience;
  response.writeHead(asked ? 200 : 403, { 'content-type': 'application/json' });
  response.end(JSON.stringify(asked ? { count: 1, value: readFileSync(file, 'utf8').trim() } : {}));
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/token?api-version=2.0`);
});
